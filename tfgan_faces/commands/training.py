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

from tfgan_faces.commands.building import (
    batches_to_train_on,
    build_trainer,
    photos_to_train_on,
    with_cache,
    with_precision,
)
from tfgan_faces.commands.common import prepared
from tfgan_faces.commands.evaluating import quick_distance
from tfgan_faces.commands.exporting import export_run
from tfgan_faces.commands.faces import first_stations, write_walk
from tfgan_faces.commands.rollback import after_rollbacks, carry_on
from tfgan_faces.config.combinations import cautions
from tfgan_faces.config.defaults import WASSERSTEIN_LOSSES
from tfgan_faces.errors import Interrupted, NonFiniteError
from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.machine.devices import computing_devices
from tfgan_faces.machine.interruption import Interruption
from tfgan_faces.machine.progress import progress_bar
from tfgan_faces.models.batch_statistics import BatchStatistics
from tfgan_faces.planning.memory import check_memory, plan
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.serving import warmup
from tfgan_faces.serving.publishing import check_own
from tfgan_faces.storage.files import names_in, write_whole
from tfgan_faces.storage.paths import check_writable
from tfgan_faces.training import actions, collapse, loop
from tfgan_faces.training.cluster import Cluster
from tfgan_faces.visuals.image_grid import enlarged, read_png, write_gif, write_png

_logger = logging.getLogger(__name__)

_GRID_FACES = 64
_QUICK_FACES = 2000
_QUICK_SEED = 10**9  # not the samples' seeds


def train(command, config):
    """Trains, or goes on with, a run; then makes its walk and its export."""
    train_run(config, checkpoint=command.checkpoint)


def train_run(config, build=None, checkpoint="newest"):
    """Does what `train` does.

    Args:
        config: resolved `Config`.
        build: function of the config and a `tf.distribute.Strategy` to a `Trainer`, by default
            of the config's networks.
        checkpoint: `"newest"` or `"best"`, the one that is walked through and exported.
    """
    cluster = Cluster(config.run.strategy)
    with cluster.telling_of_lost_workers():
        devices = computing_devices(cluster.local_replicas)
        config = with_precision(config, devices)
        for caution in cautions(config.training):
            _logger.warning(caution)
        if cluster.count > 1:
            _logger.info("Worker %d of %d, of which 0 writes the run", cluster.index, cluster.count)
        _train_run(config, build or build_trainer, checkpoint, cluster, devices)
        cluster.wait()  # or the end of the others would end the chief's work


def _train_run(config, build, checkpoint, cluster, devices):
    directory = RunDirectory(config.run.run_dir)
    directory.check(config)
    _check_writable(config)
    # First: it tells of impossible sizes before any work.
    trainer = build(config, cluster.strategy)
    replicas = cluster.strategy.num_replicas_in_sync
    check_memory(
        plan(trainer.generator, trainer.discriminator, config.training.batch_size // replicas),
        devices,
    )
    with cluster.chief_first():
        builder = prepared(config)
        config = with_cache(config, builder)
        photos = photos_to_train_on(config, builder)
    cluster.check_same(dataclasses.asdict(config))

    def train_after(rollbacks):
        settings = after_rollbacks(config, rollbacks)
        afresh = build(settings, cluster.strategy) if rollbacks else trainer
        _train_on(afresh, photos, settings, directory, cluster)

    with directory.locked() if cluster.is_chief else contextlib.nullcontext():
        if cluster.is_chief:
            directory.begin(config, photos.digest())
        carry_on(directory, config.run.on_collapse, cluster, train_after)
        if cluster.is_chief:
            _write_history(directory)
            generator, _ = directory.averaged_generator(checkpoint=checkpoint)
            walk = os.path.join(directory.path, "walk.gif")
            write_walk(generator, walk, first_stations(config.training.seed))
    if cluster.is_chief and config.run.export:
        export_run(directory, config, checkpoint, again=False)


def _train_on(trainer, photos, config, directory, cluster):
    """Begins the run, or goes on with it from its newest checkpoint."""
    with cluster.chief_first():  # it puts damaged checkpoints aside
        step = directory.restore(trainer.state())
    trainer.set_learning_rates()  # after a rollback they are others than the checkpoint's
    if step >= config.run.max_steps:
        _logger.info(
            "%s is trained for %d steps already; raise --max_steps to go on.",
            directory.path,
            step,
        )
    elif step and _seconds_left(config.run, directory.metrics(), step) <= 0:
        _logger.info(
            "%s is trained for %g minutes already; raise --minutes to go on.",
            directory.path,
            config.run.minutes,
        )
    else:
        _train(trainer, photos, config, directory, cluster)


def _train(trainer, photos, config, directory, cluster):
    """Runs the loop with its actions from the trainer's step on."""
    run, start = config.run, int(trainer.step.numpy())
    with cluster.chief_first():
        metrics = directory.metrics()
        if cluster.is_chief:
            metrics.keep_until(start)
    turn = int(trainer.turns.numpy())
    batches = cluster.batches(
        lambda share: batches_to_train_on(config, photos, turn, share),
        config.training.batch_size,
    )
    bar = progress_bar(
        total=None if run.minutes else run.max_steps,
        initial=start,
        unit=" steps",
        desc="Training",
        disable=not cluster.is_chief,
    )
    with bar, logging_redirect_tqdm([logging.getLogger("tfgan_faces")]):
        everything = _actions(trainer, photos, config, directory, metrics, bar, cluster)
        if start == 0:
            everything["samples"].action(0)
        _logger.info("Compiling the training step; the first step takes some seconds")
        with Interruption() as interruption, _keeping_the_batch(photos, config, directory):
            halted = loop.train(
                trainer,
                batches,
                run.max_steps,
                everything.values(),
                run.steps_per_call,
                lambda step: bar.update(step - bar.n),
                _seconds_left(run, metrics, start),
                lambda: interruption.signal is not None,
                cluster.largest,
            )
            if halted:
                noted = interruption.signal or signal.SIGTERM  # or another worker's
                _stop(trainer, everything["checkpoint"].action, noted, cluster)


@contextlib.contextmanager
def _keeping_the_batch(photos, config, directory):
    """Keeps the photos of which nothing finite came, for inspection."""
    try:
        yield
    except NonFiniteError as error:
        if error.turn is None:
            raise
        batches = batches_to_train_on(config, photos, error.turn)
        path = os.path.join(directory.path, f"not_finite_turn_{error.turn}.npz")
        buffer = io.BytesIO()
        np.savez_compressed(buffer, photos=next(iter(batches)).numpy(), turn=error.turn)
        write_whole(path, buffer.getvalue())
        raise NonFiniteError(f"{error} Its photos are in {path}.", error.turn) from error


def _actions(trainer, photos, config, directory, metrics, bar, cluster):
    """Returns what is done every few steps, in order: dict of name to `EverySteps`.

    All workers take the same steps a call; what is written, the chief writes.
    """
    run, training = config.run, config.training
    statistics = BatchStatistics(trainer.averaged_generator)
    samples = actions.Samples(
        trainer.averaged_generator,
        statistics,
        latents_from_seeds(tf.range(_GRID_FACES, dtype=tf.int64), config.model.latent_dim),
        lambda step, grid: write_png(directory.sample(step), enlarged(grid)),
        collapse.spread(photos[:512]),
        alike=bool(metrics.rows) and collapse.ALIKE in metrics.rows[-1]["sign"],
    )
    writer = tf.summary.create_file_writer(directory.tensorboard)
    monitor = actions.Monitor(
        metrics,
        lambda png: write_whole(directory.monitor, png),
        f"{config.data.dataset}, {config.model.architecture}, {training.loss}",
        training.loss in WASSERSTEIN_LOSSES,
    )
    found = {
        "samples": (run.sample_every, samples),
        "log": (run.log_every, actions.Log(trainer, metrics, writer, bar, samples)),
        "monitor": (run.sample_every, monitor),
    }
    if run.on_collapse != "ignore":
        found["collapse"] = (run.log_every, actions.EndAtCollapse(metrics, cluster.largest))
    if run.evaluate_every:
        best = _best_checkpoint(trainer, statistics, photos, config, directory)
        found["best"] = (run.evaluate_every, best)
    checkpoint = actions.Checkpoint(trainer, statistics, directory.save)
    found["checkpoint"] = (run.checkpoint_every, checkpoint)
    if not cluster.is_chief:
        found = {
            name: (every, action if name == "collapse" else _do_nothing)
            for name, (every, action) in found.items()
        }
    return {name: loop.EverySteps(every, action) for name, (every, action) in found.items()}


def _do_nothing(step):
    del step


def _best_checkpoint(trainer, statistics, photos, config, directory):
    distances = directory.distances()
    distances.keep_until(int(trainer.step.numpy()))
    seeds = _QUICK_SEED + tf.range(_QUICK_FACES, dtype=tf.int64)
    return actions.BestCheckpoint(
        trainer,
        statistics,
        latents_from_seeds(seeds, config.model.latent_dim),
        quick_distance(photos),
        distances,
        directory.save_best,
    )


def _stop(trainer, checkpoint, number, cluster):
    """Keeps what was done, and ends."""
    step = int(trainer.step.numpy())
    checkpoint(step)
    cluster.end_together()
    raise Interrupted(
        f"stopped at step {step}, with a checkpoint; the same command goes on from there.", number
    )


def _seconds_left(run, metrics, step):
    """Returns what is left of --minutes after what the rows up to a step took."""
    if run.minutes is None:
        return math.inf
    return 60.0 * run.minutes - max(
        (row["seconds"] for row in metrics.rows if row["step"] <= step), default=0.0
    )


def _write_history(directory):
    """Writes `training.gif`: the sample grids in order."""
    names = [name for name in names_in(directory.samples) if name.startswith("step_")]
    frames = [read_png(os.path.join(directory.samples, name)) for name in names]
    if frames:
        write_gif(os.path.join(directory.path, "training.gif"), frames, 0.4)


def _check_writable(config):
    """Raises early for what could not be written at the end."""
    folders = {"--run_dir": config.run.run_dir, "--cache_dir": config.run.cache_dir}
    if config.run.export:
        folders["--export_dir"] = config.run.export_dir
        check_own(config.run.export_dir)
        warmup.is_wanted(config.run.warmup)
    for flag, folder in folders.items():
        check_writable(flag, folder)
