"""One function a mode: wires data, networks, training, sampling and serving together."""

import contextlib

import tensorflow as tf

from tfgan_faces.commands import evaluating, exporting, faces, inspecting, serving, training
from tfgan_faces.errors import UserError

MODES = {
    "train": training.train,
    "prepare": inspecting.prepare,
    "plan": inspecting.plan,
    "profile": inspecting.profile,
    "sample": faces.sample,
    "walk": faces.walk,
    "interpolate": faces.interpolate,
    "arithmetic": faces.arithmetic,
    "truncation": faces.truncation,
    "project": faces.project,
    "evaluate": evaluating.evaluate,
    "export": exporting.export,
    "serve": serving.serve,
    "request": serving.request,
}

# What TensorFlow raises of disks, stores and memory; its other errors are this package's faults.
_OF_THE_SYSTEM = (
    tf.errors.AbortedError,
    tf.errors.DataLossError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.NotFoundError,
    tf.errors.OutOfRangeError,  # a file larger than the system allows
    tf.errors.PermissionDeniedError,
    tf.errors.ResourceExhaustedError,
    tf.errors.UnauthenticatedError,
    tf.errors.UnavailableError,
    tf.errors.UnknownError,
)


def run(command, config):
    """Carries out one call of the command line.

    Args:
        command: `CommandConfig`.
        config: `Config`, resolved.
    """
    tf.get_logger().setLevel("ERROR")  # it tells of every file of an export, and of tracing
    _compute_two_operations_at_a_time()
    try:
        MODES[command.mode](command, config)
    except (OSError, MemoryError, *_OF_THE_SYSTEM) as error:  # a full disk, say
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise UserError(f"Stopped: {reason}.") from error


def _compute_two_operations_at_a_time():
    """On a CPU: large operations use every core, and small ones run beside each other.

    By default as many run at once as there are cores, which hinder each other and take memory.
    """
    if not tf.config.list_physical_devices("GPU"):
        with contextlib.suppress(RuntimeError):  # TensorFlow is in use already
            tf.config.threading.set_inter_op_parallelism_threads(2)
