"""The mode `train`."""

import contextlib
import dataclasses
import io
import logging
import math
import os
import signal

import numpy as np
import tensorflow as tf
from tqdm.contrib.logging import logging_redirect_tqdm

from tfgan_faces.commands.building import build_trainer
from tfgan_faces.commands.common import mark_of
from tfgan_faces.commands.exporting import export_run
from tfgan_faces.commands.faces import walk_seeds, write_walk
from tfgan_faces.commands.rollback import config_after_rollbacks, train_with_rollback
from tfgan_faces.commands.run_actions import build_actions, write_history
from tfgan_faces.commands.setup import set_up, with_precision
from tfgan_faces.config.combinations import cautions
from tfgan_faces.errors import Interrupted, NonFiniteError, UserError
from tfgan_faces.machine.cores import share_cores
from tfgan_faces.machine.devices import computing_devices
from tfgan_faces.machine.interruption import Interruption
from tfgan_faces.machine.progress import progress_bar
from tfgan_faces.runs import origin
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.serving import warmup
from tfgan_faces.serving.publishing import check_own
from tfgan_faces.storage.files import write_atomic
from tfgan_faces.storage.paths import check_writable
from tfgan_faces.training import loop
from tfgan_faces.training.callbacks import KerasCallbacks
from tfgan_faces.training.cluster import Cluster

_logger = logging.getLogger(__name__)


def train_mode(command, config):
    """Trains or resumes a run, then writes its walk and exports it."""
    train(config, checkpoint=command.checkpoint)


def train(config, callbacks=(), checkpoint="newest", build=None):
    """Trains a run, or resumes the run in its folder; then writes its walk and exports it.

    Args:
        config: `Config`; its `run.run_dir` is the folder of the run. With `training.init_from`, its
            networks must be like those of that run: see `tg.starting_from`.
        callbacks: list of `keras.callbacks.Callback`, called for every row of the log, see
            `KerasCallbacks`.
        checkpoint: `"newest"` or `"best"`, the checkpoint for the walk and the export.
        build: function of the config and a `tf.distribute.Strategy`, and with `--labels` of
            `labels`, that returns a `Trainer`. The default is `build_trainer`.

    Returns:
        The `RunDirectory` of the run.

    Raises:
        UserError: a setting, a folder or a photo is invalid; the message explains how to fix it.
        NonFiniteError: losses, gradients or weights are NaN or infinite.
        Interrupted: a signal stopped the training, after saving a checkpoint.

    Example:

    >>> run = tg.RunConfig(run_dir="runs/first", max_steps=500, export=False)
    >>> directory = tg.train(tg.Config(run=run), [keras.callbacks.CSVLogger("log.csv")])

    A callback that changes the model's weights, such as `EarlyStopping` with
    `restore_best_weights`, does not change the run's checkpoints: use `--evaluate_every` and
    `checkpoint="best"` instead.
    """
    config = config.resolved()
    share_cores(config.training.batch_parts)
    cluster = Cluster(config.run.strategy)
    with cluster.report_lost_workers():
        devices = computing_devices(cluster.local_replicas)
        config = with_precision(config, devices)
        for caution in cautions(config.data, config.training):
            _logger.warning(caution)
        if cluster.count > 1:
            _logger.info(
                "This is worker %d of %d. Worker 0 writes the files of the run",
                cluster.index,
                cluster.count,
            )
        directory = RunDirectory(config.run.run_dir)
        directory.check_resumable()
        directory.check(config)
        _check_best(directory, config, checkpoint)
        config = directory.settled(config)
        if config.training.init_from and not directory.steps():
            origin.check_start(config)
        _check_writable(config)
        setup = set_up(config, devices, cluster, build or build_trainer)
        if config.training.init_from and not directory.steps():
            with origin.source_run(config.training.init_from) as source:
                origin.check_labels(source, setup.label_shares)
        _train_run(setup, directory, cluster, callbacks, checkpoint)
        if cluster.is_chief and config.run.export:
            export_run(directory, setup.config, checkpoint, again=False)
        cluster.wait()  # a worker that exits earlier would abort the work of the chief
    return directory


def _train_run(setup, directory, cluster, callbacks, checkpoint):
    """Trains, with rollbacks, while holding the lock of the run; then writes its animations."""

    def train_after(rollbacks):
        if not rollbacks:
            return _resume(setup, directory, cluster, keras_callbacks)
        config = config_after_rollbacks(setup.config, rollbacks)
        trainer = setup.build(config, cluster.strategy)
        changed = dataclasses.replace(setup, config=config, trainer=trainer)
        keras_callbacks.attach(changed.trainer.averaged_generator)
        return _resume(changed, directory, cluster, keras_callbacks)

    with directory.locked() if cluster.is_chief else contextlib.nullcontext():
        if cluster.is_chief:
            directory.begin(setup.config, setup.photos.digest(), setup.label_shares)
        # Only the chief calls them: loggers write files.
        mine = callbacks if cluster.is_chief else ()
        with KerasCallbacks(mine, setup.trainer.averaged_generator) as keras_callbacks:
            train_with_rollback(directory, setup.config.run.on_collapse, cluster, train_after)
        if cluster.is_chief:
            mark = mark_of(setup.config, setup.config.run)
            write_history(directory, mark)
            generator, _ = directory.averaged_generator(checkpoint=checkpoint)
            walk = os.path.join(directory.path, "walk.gif")
            write_walk(generator, walk, walk_seeds(setup.config.training.seed), mark=mark)


def _resume(setup, directory, cluster, callbacks):
    """Trains from the newest checkpoint, if any, unless the run has reached its limit."""
    run, trainer = setup.config.run, setup.trainer
    with cluster.chief_first():  # the chief moves damaged checkpoints away
        has_begun = bool(directory.steps())
        step = directory.restore(trainer.state())
        if not has_begun and setup.config.training.init_from:
            with origin.source_run(setup.config.training.init_from) as source:
                began = origin.read_networks(source, trainer.state(), setup.config)
            _logger.info(
                "The networks begin as those of %s at step %d",
                setup.config.training.init_from,
                began,
            )
    trainer.set_learning_rates()  # after a rollback, they differ from those of the checkpoint
    if step >= run.max_steps:
        _logger.info(
            "The run in %s has already been trained for %d steps; increase --max_steps to continue",
            directory.path,
            step,
        )
    elif step and _seconds_left(run, directory.metrics(), step) <= 0:
        _logger.info(
            "The run in %s has already been trained for %g minutes; increase --minutes to continue",
            directory.path,
            run.minutes,
        )
    else:
        _train(setup, directory, cluster, callbacks)


def _train(setup, directory, cluster, callbacks):
    """Runs the training loop and its actions from the current step of the trainer."""
    trainer, run = setup.trainer, setup.config.run
    start, turn = int(trainer.step.numpy()), int(trainer.turns.numpy())
    with cluster.chief_first():
        metrics = directory.metrics()
        if cluster.is_chief:
            metrics.keep_until(start)
    batches = cluster.batches(
        lambda shard: setup.batches(turn, shard), setup.config.training.batch_size
    )
    with _progress_bar(run, start, cluster) as bar, _log_above_the_bar():
        actions = build_actions(setup, directory, metrics, bar, cluster)
        if start == 0:
            actions["samples"].action(0, {})
        _logger.info("Compiling the training step. The first step takes several seconds")
        with Interruption() as interruption, _saving_failed_batch(setup, directory):
            session = loop.Session(
                run.max_steps,
                _seconds_left(run, metrics, start),
                math.inf if run.minutes is None else 60.0 * run.minutes,
                run.steps_per_call,
                run.log_every,
                bar,
                callbacks,
                interruption,
                cluster,
            )
            if loop.train(trainer, batches, list(actions.values()), session):
                # If this worker has received no signal, another one has.
                number = interruption.signal or signal.SIGTERM
                _stop(int(trainer.step.numpy()), actions["checkpoint"].action, number, cluster)


def _log_above_the_bar():
    return logging_redirect_tqdm([logging.getLogger("tfgan_faces")])


def _progress_bar(run, start, cluster):
    return progress_bar(
        total=None if run.minutes else run.max_steps,
        initial=start,
        unit=" steps",
        desc="Training",
        disable=not cluster.is_chief,
    )


@contextlib.contextmanager
def _saving_failed_batch(setup, directory):
    """Saves the photos of an update whose numbers were not finite, for inspection."""
    try:
        yield
    except NonFiniteError as error:
        if error.turn is None:
            raise
        path = os.path.join(directory.path, f"not_finite_turn_{error.turn}.npz")
        buffer, (photos, *_) = io.BytesIO(), tf.nest.flatten(next(iter(setup.batches(error.turn))))
        np.savez_compressed(buffer, photos=photos.numpy(), turn=error.turn)
        write_atomic(path, buffer.getvalue())
        raise NonFiniteError(
            f"{error} The photos of this batch are saved in {path}.", error.turn
        ) from error


def _stop(step, checkpoint, number, cluster):
    """Saves a checkpoint and raises `Interrupted`."""
    checkpoint(step, {})
    cluster.end_together()
    raise Interrupted(
        f"stopped at step {step} and saved a checkpoint; to resume, run the same command again.",
        number,
    )


def _seconds_left(run, metrics, step):
    """Returns the seconds that remain of --minutes after the given step."""
    if run.minutes is None:
        return math.inf
    elapsed = max((row["seconds"] for row in metrics.rows if row["step"] <= step), default=0.0)
    return 60.0 * run.minutes - elapsed


def _check_best(directory, config, checkpoint):
    """Raises UserError if there will be no best checkpoint to export."""
    if checkpoint == "best" and not config.run.evaluate_every and not directory.steps("best"):
        raise UserError(
            "--checkpoint=best needs --evaluate_every=STEPS, which decides which checkpoint is the "
            "best."
        )


def _check_writable(config):
    """Raises UserError before the training if its results could not be written."""
    folders = {"--run_dir": config.run.run_dir, "--cache_dir": config.run.cache_dir}
    if config.run.export:
        folders["--export_dir"] = config.run.export_dir
        check_own(config.run.export_dir)
        warmup.is_wanted(config.run.warmup)
    for flag, folder in folders.items():
        check_writable(flag, folder)
