"""The modes that look at a training before it begins: `prepare`, `plan` and `profile`."""

import logging
import os
import time

import tensorflow as tf

from tfgan_faces.commands.building import (
    batches_to_train_on,
    build_trainer,
    photos_to_train_on,
    with_cache,
    with_precision,
)
from tfgan_faces.commands.common import prepared, writing
from tfgan_faces.defaults import NO_LIMIT
from tfgan_faces.training import planning, profiling

_logger = logging.getLogger(__name__)

_TIMED_STEPS = 3


def prepare(command, config):
    """Prepares the photos and tells what came of them."""
    del command
    prepared(config)


def plan(command, config):
    """Prints what a training with these settings takes, from its networks and a few steps."""
    del command
    config = with_precision(config)
    trainer = build_trainer(config)
    planned = planning.plan(trainer.generator, trainer.discriminator, config.training.batch_size)
    planning.check_memory(planned)
    seconds = _seconds_per_step(trainer, config)
    rows = [
        *((f"weights of the {name}", f"{count:,}") for name, count in planned.parameters.items()),
        *(
            (f"operations of the {name}, one image forwards", f"{count / 1e6:,.0f} million")
            for name, count in planned.operations.items()
        ),
        ("memory of weights and optimizers", f"{planned.weights_bytes / 2**20:,.0f} MiB"),
        ("memory of a batch's feature maps", f"{planned.activations_bytes / 2**20:,.0f} MiB"),
        ("seconds a step, measured", f"{seconds:.2f}"),
        ("images a second", f"{config.training.batch_size / seconds:,.0f}"),
        ("time to finish", _time_to_finish(config.run, seconds)),
    ]
    width = max(len(name) for name, _ in rows)
    print("\n".join(f"{name:{width}}  {value}" for name, value in rows))


def _seconds_per_step(trainer, config):
    """Returns the seconds of an ordinary step after the first, on photos of noise."""
    size = config.data.image_size
    noise = tf.random.stateless_uniform(
        (config.training.batch_size, size, size, 3), (0, 0), 0, 256, tf.int32
    )
    batches = iter(tf.data.Dataset.from_tensors(tf.cast(noise, tf.uint8)).repeat())
    trainer.schedule.bursts = False  # a burst of the critic's is no ordinary step
    trainer.train_step(batches)
    begin = time.perf_counter()
    for _ in range(_TIMED_STEPS):
        trainer.train_step(batches)
    return (time.perf_counter() - begin) / _TIMED_STEPS


def _time_to_finish(run, seconds):
    if run.minutes is not None and run.max_steps == NO_LIMIT:
        return f"{run.minutes:g} minutes, {60 * run.minutes / seconds:,.0f} steps"
    return f"{run.max_steps * seconds / 60:.1f} minutes for {run.max_steps:,} steps"


def profile(command, config):
    """Traces some steps of the training that these settings make, and prints what took long."""
    config = with_precision(config)
    trainer = build_trainer(config)
    builder = prepared(config)
    config = with_cache(config, builder)
    photos = photos_to_train_on(config, builder)
    output = command.output or f"{os.path.normpath(config.run.run_dir)}-profile"
    with writing("--output", output):
        os.makedirs(output, exist_ok=True)
    trace = profiling.write_trace(trainer, iter(batches_to_train_on(config, photos)), output)
    print(profiling.table(profiling.operation_times(trace)))
    _logger.info("Wrote the trace to %s", trace)
