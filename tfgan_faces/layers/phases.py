"""Convolutions that compute a block of output pixels, its phases, at each place."""

import numpy as np
import tensorflow as tf


def phase_kernel(kernel, rows, columns):
    """Returns the kernel of a convolution whose filters are a block's pixels.

    Args:
        kernel: float tensor [height, width, channels, filters].
        rows, columns: float arrays [phases, taps, height or width]: 1 where a weight of
            the kernel belongs to a phase's tap.

    Returns:
        Float tensor [vertical taps, horizontal taps, channels, phases * filters], the phases
        in row-major order.
    """
    # One product of matrices: an einsum of the three takes ten times as long.
    sums = np.einsum("ati,bsj->tsabij", rows, columns)
    *block, height, width = sums.shape
    weights = tf.reshape(kernel, (height * width, -1))
    derived = tf.constant(sums.reshape(-1, height * width), kernel.dtype) @ weights
    derived = tf.transpose(tf.reshape(derived, (*block, *kernel.shape[2:])), (0, 1, 4, 2, 3, 5))
    return tf.reshape(derived, (*derived.shape[:3], -1))


def phase_bias(bias, block):
    """Returns a bias per filter for all phases of a block (height, width); None for None."""
    return None if bias is None else tf.tile(bias, [block[0] * block[1]])


def interleaved(phases, counts, block):
    """Puts the phases of every place next to each other.

    Args:
        phases: tensor [batch, rows, columns, phases * filters].
        counts: pair (rows, columns) of ints or scalar tensors.
        block: pair of ints, height and width of a block.

    Returns:
        Tensor [batch, rows * height, columns * width, filters].
    """
    batch, filters = tf.shape(phases)[0], phases.shape[-1] // (block[0] * block[1])
    if phases.shape[0] is not None:
        batch = phases.shape[0]
    apart = tf.reshape(phases, (batch, *counts, *block, filters))
    sides = [count * factor for count, factor in zip(counts, block)]
    return tf.reshape(tf.transpose(apart, (0, 1, 3, 2, 4, 5)), (batch, *sides, filters))


def shifts(kernel, block):
    """Returns the sums for which phase p sees the kernel p pixels further on.

    Args:
        kernel: int, the kernel's side.
        block: int, the number of phases.

    Returns:
        Float array [block, kernel + block - 1, kernel].
    """
    taps = np.arange(kernel + block - 1)[None, :, None]
    return (taps == np.arange(kernel) + np.arange(block)[:, None, None]).astype(np.float32)
