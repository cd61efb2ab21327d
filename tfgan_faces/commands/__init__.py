"""One function a mode: wires data, networks, training, sampling and serving together."""

import contextlib
import importlib

import tensorflow as tf

from tfgan_faces.config.modes import MODES
from tfgan_faces.errors import UserError

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
        mode_function(command.mode)(command, config)
    except (OSError, MemoryError, *_OF_THE_SYSTEM) as error:  # a full disk, say
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise UserError(f"Stopped: {reason}.") from error


def mode_function(mode):
    """Returns the function of a mode, which takes `CommandConfig` and `Config`."""
    module = importlib.import_module(f"{__name__}.{MODES[mode].module}")
    return getattr(module, f"{mode}_mode")


def _compute_two_operations_at_a_time():
    """On a CPU: large operations use every core, and small ones run beside each other.

    By default as many run at once as there are cores, which hinder each other and take memory.
    """
    if not tf.config.list_physical_devices("GPU"):
        with contextlib.suppress(RuntimeError):  # TensorFlow is in use already
            tf.config.threading.set_inter_op_parallelism_threads(2)
