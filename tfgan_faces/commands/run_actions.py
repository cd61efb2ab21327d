"""The actions that a training performs every few steps."""

import os
import re

import numpy as np
import tensorflow as tf

from tfgan_faces.commands.common import mark_of
from tfgan_faces.commands.evaluating import near_copies, quick_distance
from tfgan_faces.config.defaults import FEW_PHOTOS
from tfgan_faces.evaluation.memorisation import largest_share_by_chance
from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.models.batch_statistics import BatchStatistics
from tfgan_faces.objectives.losses import LOSSES
from tfgan_faces.storage.files import names_in, write_atomic
from tfgan_faces.training import actions, collapse
from tfgan_faces.training.loop import EverySteps
from tfgan_faces.visuals.image_grid import enlarged, read_png, write_gif, write_png

_GRID_FACES = 64
_FRAMES = 100  # of training.gif, which are all in memory while it is written
_QUICK_FACES, _COMPARED_FACES = 2000, 256
_MIN_HELD_OUT = 5  # photos, which tell how close new faces come to training photos
_QUICK_SEED = 10**9  # distinct from the seeds of the samples


def build_actions(setup, directory, metrics, bar, cluster):
    """Returns the actions in the order of their execution: dict of name to `EverySteps`.

    All workers have the same actions at the same steps, so that they run the same number of steps
    per call. Only the chief writes files.

    Args:
        setup: `Setup` with a restored trainer.
        directory: `RunDirectory`.
        metrics: `MetricsCsv` of the run, without rows after the step of the trainer.
        bar: tqdm bar.
        cluster: `Cluster`.
    """
    config, trainer = setup.config, setup.trainer
    run, is_critic = config.run, LOSSES[config.training.loss].is_critic
    statistics = BatchStatistics(trainer.averaged_generator)
    samples = _samples(setup, statistics, directory, metrics)
    writer = tf.summary.create_file_writer(directory.tensorboard)
    log = actions.Log(_clock(setup, metrics), metrics, writer, bar, samples, is_critic)
    monitor = actions.Monitor(
        metrics,
        lambda png: write_atomic(directory.monitor, png),
        f"{config.data.dataset}, {config.model.architecture}, {config.training.loss}",
        is_critic,
    )
    entries = {
        "samples": (run.sample_every, samples),
        "log": (run.log_every, log),
        "monitor": (run.sample_every, monitor),
    }
    if run.on_collapse != "ignore":
        entries["collapse"] = (run.log_every, actions.EndAtCollapse(metrics, cluster))
    if len(setup.photos) < FEW_PHOTOS and len(setup.held_out) >= _MIN_HELD_OUT:
        copies = actions.NearCopies(
            _faces(setup, statistics, _COMPARED_FACES),
            near_copies(setup.photos, setup.held_out),
            largest_share_by_chance(len(setup.held_out)),
        )
        entries["copies"] = (run.sample_every, copies)
    if run.evaluate_every:
        entries["best"] = (run.evaluate_every, _best_checkpoint(setup, statistics, directory))
    checkpoint = actions.Checkpoint(trainer.state(), statistics, directory.save)
    entries["checkpoint"] = (run.checkpoint_every, checkpoint)
    if not cluster.is_chief:
        entries = {
            name: (every, action if name == "collapse" else _do_nothing)
            for name, (every, action) in entries.items()
        }
    return {name: EverySteps(every, action) for name, (every, action) in entries.items()}


def write_history(directory, mark):
    """Writes `training.gif`, an animation of the sample grids, of at most `_FRAMES` of them.

    Args:
        directory: `RunDirectory`.
        mark: `SyntheticMark` or None.
    """
    names = [name for name in names_in(directory.samples) if re.fullmatch(r"step_\d+\.png", name)]
    names.sort(key=lambda name: int(name[5:-4]))
    if names:
        chosen = np.unique(np.linspace(0, len(names) - 1, _FRAMES).round().astype(int))
        frames = [read_png(os.path.join(directory.samples, names[index])) for index in chosen]
        write_gif(os.path.join(directory.path, "training.gif"), frames, 0.4, mark)


def _do_nothing(step, measures):
    del step, measures


def _clock(setup, metrics):
    return actions.Clock(
        int(setup.trainer.step.numpy()),
        setup.config.training.batch_size,
        setup.trainer.input_wait,
        metrics.rows[-1]["seconds"] if metrics.rows else 0.0,
    )


def _samples(setup, statistics, directory, metrics):
    seeds = tf.range(_GRID_FACES, dtype=tf.int64)
    mark = mark_of(setup.config, setup.config.run)
    return actions.Samples(
        setup.trainer.averaged_generator,
        statistics,
        latents_from_seeds(seeds, setup.trainer.generator.input_shape[-1]),
        lambda step, grid: write_png(directory.sample(step), enlarged(grid), mark),
        collapse.spread(setup.photos[:512]),
        alike=bool(metrics.rows) and collapse.ALIKE in metrics.rows[-1]["warning"],
    )


def _faces(setup, statistics, count):
    seeds = _QUICK_SEED + tf.range(count, dtype=tf.int64)
    latents = latents_from_seeds(seeds, setup.trainer.generator.input_shape[-1])
    return actions.Faces(setup.trainer.averaged_generator, statistics, latents)


def _best_checkpoint(setup, statistics, directory):
    distances = directory.distances()
    distances.keep_until(int(setup.trainer.step.numpy()))
    return actions.BestCheckpoint(
        _faces(setup, statistics, _QUICK_FACES),
        setup.trainer.state(),
        quick_distance(setup.photos),
        distances,
        directory.steps("best"),
        directory.save_best,
    )
