"""Profile of a training step: the time of each kind of operation."""

import collections
import glob
import os

import tensorflow as tf

STEPS = 3


def write_trace(trainer, batches, folder):
    """Traces `STEPS` steps, after one warm-up step.

    Args:
        trainer: `Trainer`.
        batches: iterator of uint8 image batches.
        folder: folder for the trace; TensorBoard's profile plugin displays it.

    Returns:
        Path of the trace.
    """
    float(trainer.train_steps(batches, tf.constant(1))["generator_loss"])
    tf.profiler.experimental.start(folder)
    try:
        # float() waits until the steps are complete.
        float(trainer.train_steps(batches, tf.constant(STEPS))["generator_loss"])
    finally:
        tf.profiler.experimental.stop()
    traces = glob.glob(os.path.join(glob.escape(folder), "**", "*.xplane.pb"), recursive=True)
    return max(traces, key=os.path.getmtime)


def operation_times(path):
    """Returns the time of each kind of operation in a trace.

    Args:
        path: an .xplane.pb file.

    Returns:
        List of (kind, milliseconds, number of calls), longest first.
    """
    # This module of TensorFlow is not a stable API; only --mode=profile depends on it.
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    space = xplane_pb2.XSpace()
    with open(path, "rb") as file:
        space.ParseFromString(file.read())
    times, calls = collections.Counter(), collections.Counter()
    for plane in space.planes:
        for event in (event for line in plane.lines for event in line.events):
            # Operations are named name:kind; other events have no kind, or contain "::".
            name, _, kind = plane.event_metadata[event.metadata_id].name.rpartition(":")
            if name and not name.endswith(":") and kind.isidentifier():
                times[kind] += event.duration_ps / 1e9
                calls[kind] += 1
    return [(kind, milliseconds, calls[kind]) for kind, milliseconds in times.most_common()]


def table(times, count=20):
    """Returns the first `count` of `operation_times` as lines of text with shares."""
    total = sum(milliseconds for _, milliseconds, _ in times)
    lines = [f"{'operation':40s} {'ms/step':>9s} {'calls':>6s} {'share':>6s}"]
    for kind, milliseconds, calls in times[:count]:
        share = milliseconds / total
        lines.append(f"{kind:40s} {milliseconds / STEPS:9.1f} {calls / STEPS:6.0f} {share:6.1%}")
    return "\n".join(lines)
