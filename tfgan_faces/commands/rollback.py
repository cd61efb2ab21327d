"""Handling of collapsed trainings: `--on_collapse`."""

import logging

from tfgan_faces.errors import CollapseError, UserError

_logger = logging.getLogger(__name__)

_MAX_ROLLBACKS, _RATE_FACTOR, _SEED_STEP = 3, 0.5, 7919


def config_after_rollbacks(config, count):
    """Returns the settings with which to continue after some rollbacks.

    Each rollback halves both learning rates. It also changes the seed, because the same noise
    could lead to the same collapse.

    Args:
        config: the run's `Config`.
        count: int, the number of rollbacks.
    """
    training = config.training
    changed = {
        "seed": (training.seed + count * _SEED_STEP) % 2**31,
        "generator_learning_rate": training.generator_learning_rate * _RATE_FACTOR**count,
        "discriminator_learning_rate": training.discriminator_learning_rate * _RATE_FACTOR**count,
    }
    return config.replaced(training=changed)


def train_with_rollback(directory, on_collapse, cluster, train):
    """Trains; after a collapse, rolls back to the last healthy checkpoint and trains again.

    Args:
        directory: `RunDirectory`.
        on_collapse: str, the value of `--on_collapse`.
        cluster: `Cluster`. Its chief rolls back before the other workers read the rollbacks.
        train: callable that takes the number of rollbacks so far and may raise `CollapseError`.

    Raises:
        UserError: the training collapsed, and `on_collapse` is `"stop"`, it has already been
            rolled back three times, or no checkpoint precedes the collapse.
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
                    f"{collapse} after {_MAX_ROLLBACKS} rollbacks; try other settings."
                ) from collapse
            if not cluster.is_chief:
                continue
            step = directory.roll_back(collapse.step, collapse.warning)
            if step is None:
                raise UserError(
                    f"{collapse}, and no checkpoint precedes the collapse; try other settings or "
                    "a smaller --checkpoint_every."
                ) from collapse
            _logger.warning(
                "%s. Rolling back to step %d, with another seed and half the learning rates "
                "(rollback %d of at most %d)",
                collapse,
                step,
                len(rollbacks) + 1,
                _MAX_ROLLBACKS,
            )
