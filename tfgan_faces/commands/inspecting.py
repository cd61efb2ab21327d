"""The modes that inspect a training before it starts: `prepare`, `plan` and `profile`."""

import logging
import os
import time

import tensorflow as tf

from tfgan_faces.commands.building import build_trainer, check_divisible
from tfgan_faces.commands.common import prepared, writing
from tfgan_faces.commands.setup import set_up, with_precision
from tfgan_faces.config.defaults import NO_LIMIT
from tfgan_faces.machine.devices import computing_devices
from tfgan_faces.planning import memory as planning
from tfgan_faces.planning import profiling, scaling
from tfgan_faces.runs import origin
from tfgan_faces.storage.paths import check_mounted
from tfgan_faces.training.cluster import Cluster

_logger = logging.getLogger(__name__)

_TIMED_STEPS = 3
_GRADIENT_BYTES = 4
_LATENCY = 5e-5  # seconds per message within a data centre


def prepare_mode(command, config):
    """Prepares the photos and logs the result."""
    del command
    prepared(config)


def plan_mode(command, config):
    """Prints the sizes, memory and time of a training, from its networks and a few timed steps."""
    if config.training.init_from:
        origin.check_start(config)
    devices = computing_devices()
    config = with_precision(config, devices)
    trainer = build_trainer(config)
    batch_size = config.training.batch_size
    check_divisible(config.training, command.devices)
    planned = planning.plan(trainer.generator, trainer.discriminator, batch_size // command.devices)
    planning.check_memory(planned, devices)
    rows = _size_rows(planned)
    if command.devices == 1:
        seconds = _seconds_per_step(trainer, config, batch_size)
        rows.append(("seconds per step, measured", f"{seconds:.3f}"))
    else:
        spread = _scaling(config, planned, command)
        seconds = spread.seconds(command.devices, batch_size)
        rows += _device_rows(spread, command.devices, batch_size)
    rows.append(("images per second", f"{batch_size / seconds:,.0f}"))
    if command.photos:
        turns = trainer.schedule.usual_turns
        epoch = command.photos / (batch_size * turns) * seconds
        rows.append(("hours per epoch", f"{epoch / 3600:,.2f}"))
    rows.append(("time to finish", _time_to_finish(config.run, seconds)))
    width = max(len(name) for name, _ in rows)
    print("\n".join(f"{name:{width}}  {value}" for name, value in rows))


def _size_rows(planned):
    return [
        *((f"weights of the {name}", f"{count:,}") for name, count in planned.parameters.items()),
        *(
            (f"operations of the {name}, forward pass of one image", f"{count / 1e6:,.0f} million")
            for name, count in planned.operations.items()
        ),
        ("memory for weights and optimizers", f"{planned.weights_bytes / 2**20:,.0f} MiB"),
        ("memory for the feature maps of a batch", f"{planned.activations_bytes / 2**20:,.0f} MiB"),
    ]


def _scaling(config, planned, command):
    """Returns the `Scaling` of this training over the network described by the flags."""
    batch_size = config.training.batch_size
    share = batch_size // command.devices
    # The line is fitted near the batch size of one device, which this machine must be able to
    # compute.
    sizes = (share, min(2 * share, batch_size))
    times = {}
    for size in sizes:
        config = config.replaced(training={"batch_size": size})
        trainer = build_trainer(config)
        times[size] = _seconds_per_step(trainer, config, size) / command.device_speed
    weights = planned.parameters
    turns = trainer.schedule.usual_turns
    return scaling.Scaling(
        *scaling.fitted(times),
        (
            *[_GRADIENT_BYTES * weights["discriminator"]] * turns,
            _GRADIENT_BYTES * weights["generator"],
        ),
        command.network * 1e9 / 8,
        _LATENCY,
    )


def _device_rows(spread, devices, batch_size):
    return [
        ("devices", f"{devices:,}, each with {batch_size // devices:,} of {batch_size:,} images"),
        ("sent by each device per step", f"{spread.bytes_sent(devices) / 2**20:,.1f} MiB"),
        ("seconds per step, calculated", f"{spread.seconds(devices, batch_size):.4f}"),
        ("efficiency", f"{spread.efficiency(devices, batch_size):.0%}"),
        (
            "devices with an efficiency of at least 50 %",
            f"up to {spread.most_devices(batch_size):,}",
        ),
    ]


def _seconds_per_step(trainer, config, batch_size):
    """Returns the mean seconds of an ordinary step after the first, on photos of noise."""
    size = config.data.image_size
    noise = tf.random.stateless_uniform((batch_size, size, size, 3), (0, 0), 0, 256, tf.int32)
    batches = iter(tf.data.Dataset.from_tensors(tf.cast(noise, tf.uint8)).repeat())
    trainer.schedule.bursts = False  # critic bursts are not ordinary steps
    float(trainer.train_step(batches)["generator_loss"])
    begin = time.perf_counter()
    for _ in range(_TIMED_STEPS):
        # A GPU continues after the call has returned. Reading a number waits for it.
        float(trainer.train_step(batches)["generator_loss"])
    return (time.perf_counter() - begin) / _TIMED_STEPS


def _time_to_finish(run, seconds):
    if run.minutes is not None and run.max_steps == NO_LIMIT:
        return f"{run.minutes:g} minutes, {60 * run.minutes / seconds:,.0f} steps"
    return f"{run.max_steps * seconds / 60:.1f} minutes for {run.max_steps:,} steps"


def profile_mode(command, config):
    """Traces some training steps and prints the operations that take the most time."""
    output = command.output or f"{config.run.run_dir.rstrip('/')}-profile"
    check_mounted("--output", output)
    devices = computing_devices()
    setup = set_up(with_precision(config, devices), devices, Cluster("default"))
    with writing("--output", output):
        os.makedirs(output, exist_ok=True)
    trace = profiling.write_trace(setup.trainer, iter(setup.batches()), output)
    print(profiling.table(profiling.operation_times(trace)))
    _logger.info("Wrote the trace to %s", trace)
