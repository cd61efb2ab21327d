"""The implementation of the modes: one function for each mode."""

import importlib

import tensorflow as tf

from tfgan_faces.config.modes import MODES
from tfgan_faces.errors import UserError
from tfgan_faces.machine.cores import share_cores
from tfgan_faces.runs.pretrained import unpack_pretrained

# Errors that TensorFlow raises for disks, object stores and memory. Its other errors indicate bugs
# in this package.
_SYSTEM_ERRORS = (
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
    """Runs one call of the command line.

    Args:
        command: `CommandConfig`.
        config: resolved `Config`.

    Raises:
        UserError: a setting, a file or the data is wrong, or the system reports an error.
    """
    tf.get_logger().setLevel("ERROR")  # hides messages about exported files and retracing
    share_cores(config.training.batch_parts if MODES[command.mode].trains else 1)
    try:
        if command.pretrained:
            unpack_pretrained(command.pretrained, config.run.run_dir)
        mode_function(command.mode)(command, config)
    except (OSError, MemoryError, *_SYSTEM_ERRORS) as error:  # such as a full disk
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise UserError(f"Stopped: {reason}.") from error


def mode_function(mode):
    """Returns the function that runs a mode, given a `CommandConfig` and a `Config`."""
    module = importlib.import_module(f"{__name__}.{MODES[mode].module}")
    return getattr(module, f"{mode}_mode")
