"""Convolutions that compute a block of output pixels, the phases, at each position."""

import numpy as np
import tensorflow as tf


def phase_kernel(kernel, rows, columns):
    """Returns the kernel of a convolution whose filters are the pixels of a block.

    Args:
        kernel: float tensor [height, width, channels, filters].
        rows, columns: float arrays [phases, taps, height or width], 1 where a weight of the
            kernel belongs to the tap of a phase, otherwise 0.

    Returns:
        Float tensor [vertical taps, horizontal taps, channels, phases * filters], with the
        phases in row-major order.
    """
    # A matrix product, because an einsum of kernel, rows and columns takes ten times as long.
    sums = np.einsum("ati,bsj->tsabij", rows, columns)
    *block, height, width = sums.shape
    weights = tf.reshape(kernel, (height * width, -1))
    derived = tf.constant(sums.reshape(-1, height * width), kernel.dtype) @ weights
    derived = tf.transpose(tf.reshape(derived, (*block, *kernel.shape[2:])), (0, 1, 4, 2, 3, 5))
    return tf.reshape(derived, (*derived.shape[:3], -1))


def phase_bias(bias, block):
    """Returns `bias` repeated for all phases of a block (height, width), or None for None."""
    return None if bias is None else tf.tile(bias, [block[0] * block[1]])


def interleaved(phases, counts, block):
    """Returns an image in which the phases of each position form a block of pixels.

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
    """Returns `rows` or `columns` of `phase_kernel` that shift the kernel by p for phase p.

    Args:
        kernel: int, the size of the kernel along the axis.
        block: int, the number of phases.

    Returns:
        Float array [block, kernel + block - 1, kernel].
    """
    taps = np.arange(kernel + block - 1)[None, :, None]
    return (taps == np.arange(kernel) + np.arange(block)[:, None, None]).astype(np.float32)
