"""One function a mode: wires data, networks, training, sampling and serving together."""

import contextlib
import dataclasses
import logging
import os

import keras
import tensorflow as tf
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from tfgan_faces import models
from tfgan_faces.config import VERSION
from tfgan_faces.data import pipeline, preparation
from tfgan_faces.errors import UserError
from tfgan_faces.files import is_writable, write_whole
from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.models.batch_statistics import BatchStatistics
from tfgan_faces.precision import choose_precision, machine
from tfgan_faces.run_directory import RunDirectory
from tfgan_faces.sampling import faces_of_seeds, walk
from tfgan_faces.serving.saved_model import export, newest_export
from tfgan_faces.training import actions, collapse, loop, profiling
from tfgan_faces.training.trainer import Trainer
from tfgan_faces.visuals.image_grid import enlarged, image_grid, read_png, write_gif, write_png

_logger = logging.getLogger(__name__)

_GRID_FACES = 64
_WALK_STATIONS = 6
_WALK_STEPS = 10


def run(command, config):
    """Carries out one call of the command line.

    Args:
        command: `CommandConfig`.
        config: `Config`, resolved.
    """
    tf.get_logger().setLevel("ERROR")  # it tells of every file of an export, and of tracing
    _compute_one_operation_at_a_time()
    try:
        MODES[command.mode](command, config)
    except (OSError, MemoryError, tf.errors.OpError) as error:  # a full disk, say
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise UserError(f"Stopped: {reason}.") from error


def prepare_command(command, config):
    """Prepares the photos and tells what came of them."""
    del command
    _prepared(config)


def train_command(command, config):
    """Trains, or goes on with, a run; then makes its walk and its export."""
    del command
    config = _with_precision(config)
    directory = RunDirectory(config.run.run_dir)
    directory.check(config)
    _check_writable(config)
    trainer = _build_trainer(config)  # first: it tells of impossible sizes before any work
    photos = _photos(config)
    directory.begin(config, photos.digest())
    step = directory.restore(trainer.state())
    if step >= config.run.max_steps:
        _logger.info(
            "%s is trained for %d steps already; raise --max_steps to go on.",
            directory.path,
            step,
        )
    else:
        _train(trainer, photos, config, directory)
    _write_history(directory)
    generator, _ = directory.averaged_generator()
    _write_walk(generator, os.path.join(directory.path, "walk.gif"), config.training.seed)
    if config.run.export:
        _export(directory, config, again=False)


def sample_command(command, config):
    """Writes the faces of consecutive seeds as single pictures and a grid."""
    directory = RunDirectory(config.run.run_dir)
    generator, _ = directory.averaged_generator()
    seed = config.training.seed
    seeds = range(seed, seed + command.count)
    faces = faces_of_seeds(generator, seeds, command.truncation)
    output = command.output or os.path.join(directory.path, "faces")
    with _writing("--output", output):
        for index, face in enumerate(faces):
            write_png(os.path.join(output, f"{index:06d}.png"), face)
        write_png(os.path.join(output, "grid.png"), enlarged(image_grid(faces[:400])))
    _logger.info("Wrote %d faces and grid.png to %s", len(faces), output)


def walk_command(command, config):
    """Writes a looping walk through the latents of consecutive seeds."""
    directory = RunDirectory(config.run.run_dir)
    generator, _ = directory.averaged_generator()
    output = command.output or os.path.join(directory.path, "walk.gif")
    _write_walk(generator, output, config.training.seed, command.truncation)


def export_command(command, config):
    """Exports a run's averaged generator as the next version."""
    del command
    _export(RunDirectory(config.run.run_dir), config)


def profile_command(command, config):
    """Traces some steps of the training that these settings make, and prints what took long."""
    config = _with_precision(config)
    trainer = _build_trainer(config)
    photos = _photos(config)
    output = command.output or f"{os.path.normpath(config.run.run_dir)}-profile"
    batches = pipeline.batches(photos, config.training.batch_size, config.training.seed)
    with _writing("--output", output):
        os.makedirs(output, exist_ok=True)
    trace = profiling.write_trace(trainer, iter(batches), output)
    print(profiling.table(profiling.operation_times(trace)))
    _logger.info("Wrote the trace to %s", trace)


def _compute_one_operation_at_a_time():
    """On a CPU each operation uses every core; two at once hinder each other and take memory."""
    if not tf.config.list_physical_devices("GPU"):
        with contextlib.suppress(RuntimeError):  # TensorFlow is in use already
            tf.config.threading.set_inter_op_parallelism_threads(1)


def _prepared(config):
    builder = preparation.prepare(config.data, config.run.cache_dir)
    found = builder.info.metadata
    _logger.info(
        "%s photos of %d pixels in %s", found["photos"], config.data.image_size, builder.data_path
    )
    if found["skipped"]:
        _logger.warning(
            "%d photos could not be read and were skipped; the first is %s (%s); all are listed "
            "in metadata.json in that folder",
            len(found["skipped"]),
            found["skipped"][0]["file"],
            found["skipped"][0]["reason"],
        )
    return builder


def _photos(config):
    photos = pipeline.read_photos(_prepared(config))
    if len(photos) < config.training.batch_size:
        raise UserError(
            f"--batch_size must be at most the number of photos, {len(photos)}. "
            f"Received: {config.training.batch_size}"
        )
    return photos


def _with_precision(config):
    """Replaces auto by what this machine computes in natively."""
    if config.training.precision != "auto":
        return config
    precision, reason = choose_precision(*machine())
    _logger.info("--precision=auto takes %s: %s", precision, reason)
    training = dataclasses.replace(config.training, precision=precision)
    return dataclasses.replace(config, training=training)


def _build_trainer(config):
    # Bit-exact repeats rest on deterministic kernels and on layers that draw the same seeds.
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(config.training.seed)
    sizes = {"image_size": config.data.image_size, "width": config.model.width}
    name, precision = config.model.architecture, config.training.precision
    generator = models.build_generator(
        name, latent_dim=config.model.latent_dim, precision=precision, **sizes
    )
    discriminator = models.build_discriminator(name, precision=precision, **sizes)
    return Trainer(generator, discriminator, config.training)


def _train(trainer, photos, config, directory):
    """Runs the loop with its actions from the trainer's step on."""
    run, training, start = config.run, config.training, int(trainer.step.numpy())
    metrics = directory.metrics()
    metrics.keep_until(start)
    numbers = pipeline.batches(
        photos, training.batch_size, training.seed, first_iteration=int(trainer.turns.numpy())
    )
    statistics = BatchStatistics(trainer.averaged_generator)
    samples = actions.Samples(
        trainer.averaged_generator,
        statistics,
        latents_from_seeds(tf.range(_GRID_FACES, dtype=tf.int64), config.model.latent_dim),
        lambda step, grid: write_png(directory.sample(step), enlarged(grid)),
        collapse.spread(photos[:512]),
        alike=bool(metrics.rows) and collapse.ALIKE in metrics.rows[-1]["sign"],
    )
    title = f"{config.data.dataset}, {config.model.architecture}, {training.loss}"
    writer = tf.summary.create_file_writer(directory.tensorboard)
    bar = tqdm(total=run.max_steps, initial=start, unit=" steps", desc="Training")
    with bar, logging_redirect_tqdm([logging.getLogger("tfgan_faces")]):
        log = actions.Log(trainer, metrics, writer, bar, samples)
        monitor = actions.Monitor(
            metrics,
            lambda png: write_whole(directory.monitor, png),
            title,
            training.loss == "wasserstein",
        )
        checkpoint = actions.Checkpoint(trainer, statistics, directory.save)
        if start == 0:
            samples(0)
        loop.train(
            trainer,
            iter(numbers),
            run.max_steps,
            [
                loop.EverySteps(every, action, run.max_steps)
                for every, action in (
                    (run.sample_every, samples),
                    (run.log_every, log),
                    (run.sample_every, monitor),
                    (run.checkpoint_every, checkpoint),
                )
            ],
            run.steps_per_call,
            lambda step: bar.update(step - bar.n),
        )


def _write_history(directory):
    """Writes `training.gif`: the sample grids in order."""
    names = sorted(name for name in os.listdir(directory.samples) if name.startswith("step_"))
    frames = [read_png(os.path.join(directory.samples, name)) for name in names]
    write_gif(os.path.join(directory.path, "training.gif"), frames, 0.4)


def _write_walk(generator, output, seed, truncation=1.0):
    frames = walk(generator, range(seed, seed + _WALK_STATIONS), _WALK_STEPS, truncation)
    with _writing("--output", output):
        write_gif(output, [enlarged(frame, 256) for frame in frames], 0.1)
    _logger.info("Wrote a walk through %d faces to %s", _WALK_STATIONS, output)


def _export(directory, config, again=True):
    """Exports a run's averaged generator, unless `again` is False and the newest version is it."""
    precision = config.run.export_precision
    generator, step = directory.averaged_generator(precision)
    if not again and newest_export(generator, config.run.export_dir):
        return
    run = os.path.basename(os.path.abspath(config.run.run_dir))
    provenance = {"tfgan_faces": VERSION, "run": run, "step": step, "precision": precision}
    _logger.info("Exported to %s", export(generator, config.run.export_dir, provenance))


def _check_writable(config):
    """Raises early for folders that could not be written to at the end."""
    folders = {"--run_dir": config.run.run_dir, "--cache_dir": config.run.cache_dir}
    if config.run.export:
        folders["--export_dir"] = config.run.export_dir
    for flag, folder in folders.items():
        if not is_writable(folder):
            raise UserError(f"{flag}: cannot write to {folder}; name another folder.")


@contextlib.contextmanager
def _writing(flag, path):
    try:
        yield
    except OSError as error:
        raise UserError(f"{flag}: cannot write to {path} ({error.strerror}).") from error


MODES = {
    "train": train_command,
    "prepare": prepare_command,
    "sample": sample_command,
    "walk": walk_command,
    "export": export_command,
    "profile": profile_command,
}
