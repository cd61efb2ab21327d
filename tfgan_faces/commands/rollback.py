"""What becomes of a training that shows warnings of collapse: `--on_collapse`."""

import dataclasses
import logging

from tfgan_faces.errors import CollapseError, UserError

_logger = logging.getLogger(__name__)

_MAX_ROLLBACKS, _FACTOR, _SEED_STEP = 3, 0.5, 7919


def config_after_rollbacks(config, count):
    """Returns the settings to go on with after some rollbacks.

    Each changes the seed, so that the same noise does not lead to the same end, and halves
    both learning rates.

    Args:
        config: the run's `Config`.
        count: int, the number of rollbacks.
    """
    training = config.training
    changed = {
        "seed": (training.seed + count * _SEED_STEP) % 2**31,
        "generator_learning_rate": training.generator_learning_rate * _FACTOR**count,
        "discriminator_learning_rate": training.discriminator_learning_rate * _FACTOR**count,
    }
    return dataclasses.replace(config, training=dataclasses.replace(training, **changed))


def train_with_rollback(directory, on_collapse, cluster, train):
    """Trains, and after a collapse again from the last healthy checkpoint.

    Args:
        directory: `RunDirectory`.
        on_collapse: str, the setting.
        cluster: `Cluster`, whose chief goes back, before the others read how far.
        train: callable of the number of rollbacks so far; raises `CollapseError`.

    Raises:
        UserError: the training collapsed and is to stop, has been rolled back three times, or
            has no checkpoint from before the collapse.
    """
    while True:
        cluster.wait()
        rollbacks = directory.rollbacks()
        try:
            return train(len(rollbacks))
        except CollapseError as collapse:
            if on_collapse == "stop":
                raise UserError(f"{collapse} (--on_collapse=stop).") from collapse
            if len(rollbacks) >= _MAX_ROLLBACKS:
                raise UserError(
                    f"{collapse}, after {_MAX_ROLLBACKS} rollbacks; try other settings."
                ) from collapse
            if not cluster.is_chief:
                continue
            step = directory.roll_back(collapse.step, collapse.warning)
            if step is None:
                raise UserError(
                    f"{collapse}, and there is no checkpoint from before; try other settings, or a "
                    "smaller --checkpoint_every."
                ) from collapse
            _logger.warning(
                "%s: going back to step %d, with another seed and half the learning rates "
                "(rollback %d of %d).",
                collapse,
                step,
                len(rollbacks) + 1,
                _MAX_ROLLBACKS,
            )
