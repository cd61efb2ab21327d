"""How TensorFlow divides the processor's cores among its operations."""

import contextlib

import tensorflow as tf

from tfgan_faces.machine.processor import core_count


def share_cores(parts):
    """Divides the cores among the parts of a batch, or among any two operations.

    By default, TensorFlow runs as many operations in parallel as there are cores, and each on all
    cores. They slow each other down and take memory. On a GPU, or after TensorFlow's first
    operation, nothing is changed.

    Args:
        parts: int, the number of parts of a batch that are computed side by side. With 1, two
            operations run at a time: large ones use all cores, and two small ones overlap.
    """
    if tf.config.list_physical_devices("GPU"):
        return
    with contextlib.suppress(RuntimeError):  # TensorFlow is already in use
        if parts > 1:
            tf.config.threading.set_intra_op_parallelism_threads(cores_per_part(parts))
        tf.config.threading.set_inter_op_parallelism_threads(max(parts, 2))


def cores_per_part(parts):
    """Returns the number of cores for each part: those of this process, divided and rounded up."""
    return -(-core_count() // parts)
