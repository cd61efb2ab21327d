"""Unpooling and deconvolution in one layer that skips zeros and repeated values."""

import keras
import numpy as np
import tensorflow as tf

from tfgan_faces.layers import arguments
from tfgan_faces.layers.deconvolution_2d import Deconvolution2D
from tfgan_faces.layers.image_tensors import padded_convolution, shape_of
from tfgan_faces.layers.phases import interleaved, phase_bias, phase_kernel


@keras.saving.register_keras_serializable(package="tfgan_faces")
class UnpoolingDeconvolution2D(Deconvolution2D):
    """Equals unpooling followed by `Deconvolution2D`, but computes at the small image's size.

    For size 2, three of four pixels are zero after unpooling to the corners. After
    nearest-neighbour upsampling, three of four pixels repeat the fourth. A 5x5 kernel covers
    6.25 different pixels on average in the first case and 9 in the second, not 25. The layer
    has the same weights as the `Deconvolution2D` that it replaces, with the same shapes.

    Args:
        filters: int, number of output channels.
        kernel_size: int or pair of ints, height and width of the kernel.
        size: int or pair of ints, the factors of the unpooling.
        mode: `"corner"` (as `MaxUnpooling2D` without switches) or `"nearest"` (as
            `keras.layers.UpSampling2D`).
        **kwargs: the other arguments of `Deconvolution2D`.

    Input shape:
        `[batch, height, width, channels]`, or `[batch, channels, height, width]` with
        `data_format="channels_first"`.

    Output shape:
        Same as `Deconvolution2D` for an image with `size` times the height and width.

    Example:

    >>> UnpoolingDeconvolution2D(64, 5)(np.zeros((1, 12, 12, 128))).shape
    TensorShape([1, 28, 28, 64])

    Reference:
        [Shi et al., 2016](https://arxiv.org/abs/1609.07009) for the convolution at the small
        size followed by a shuffle.
    """

    def __init__(self, filters, kernel_size, size=2, mode="corner", **kwargs):
        super().__init__(filters, kernel_size, **kwargs)
        self.size = arguments.positive_pair(size, "size")
        self.mode = arguments.one_of(mode, ("corner", "nearest"), "mode")
        leading = [before for before, _ in self.margins()]
        self._phases = [_Phases(*axis) for axis in zip(self.kernel_size, self.size, leading)]

    def derived_kernel(self, kernel):
        """Returns the kernel of the equivalent convolution at the small image's size.

        Args:
            kernel: float tensor [height, width, channels, filters].

        Returns:
            For corners, the flipped kernel of a transposed convolution, [height, width,
            filters, channels]. For nearest neighbours, the kernel of a convolution whose
            filters are the phases of the output, [vertical taps, horizontal taps, channels,
            size[0] * size[1] * filters].
        """
        if self.mode == "corner":
            return tf.transpose(tf.reverse(kernel, (0, 1)), (0, 1, 3, 2))
        return phase_kernel(kernel, *(axis.sums for axis in self._phases))

    def convolve(self, images, derived_kernel, bias):
        if self.mode == "nearest":
            return self._convolve_phases(images, derived_kernel, bias)
        images = self._convolve_corners(images, derived_kernel)
        return images if bias is None else tf.nn.bias_add(images, bias)

    # A transposed convolution skips the zeros. One convolution for all phases would not: the
    # phases have different numbers of taps, so it would have to pad the kernel with zeros.
    def _convolve_corners(self, images, flipped):
        batch, *small, _ = shape_of(images)
        spans = [
            (side - 1) * factor + kernel
            for side, factor, kernel in zip(small, self.size, self.kernel_size)
        ]
        large = tf.nn.conv2d_transpose(
            images, flipped, [batch, *spans, self.filters], self.size, "VALID"
        )
        # Zeros follow the last unpooled value, so "full" has rows that no value reaches.
        trailing = [factor - 1 for factor in self.size]
        large = tf.pad(large, [[0, 0], *([0, rows] for rows in trailing), [0, 0]])
        return large if self.padding == "full" else self._crop(large, small)

    def _crop(self, large, small):
        """Crops the margins that "full" adds and "same" does not."""
        # "same" pads (kernel - 1) // 2 before the image, "full" pads kernel - 1.
        top, left = (side - 1 - (side - 1) // 2 for side in self.kernel_size)
        height, width = (side * factor for side, factor in zip(small, self.size))
        return large[:, top : top + height, left : left + width]

    def _convolve_phases(self, images, kernel, bias):
        _, *small, _ = shape_of(images)
        size = self.output_size(small)
        # The blocks cover the image, which may start inside the first block.
        counts = [
            -(-(axis.offset + side) // factor)
            for axis, side, factor in zip(self._phases, size, self.size)
        ]
        margins = [axis.margins(*sides) for axis, *sides in zip(self._phases, small, counts)]
        bias = phase_bias(bias, self.size)
        large = interleaved(padded_convolution(images, kernel, bias, margins), counts, self.size)
        offsets = [axis.offset for axis in self._phases]
        if self.padding == "same" and not any(offsets):
            return large  # a slice and its gradient would be copies
        return tf.slice(large, [0, *offsets, 0], [-1, *size, -1])

    def output_size(self, size):
        unpooled = (s if s is None else s * factor for s, factor in zip(size, self.size))
        return super().output_size(tuple(unpooled))

    def get_config(self):
        return {**super().get_config(), "size": self.size, "mode": self.mode}


class _Phases:
    """One axis of a convolution after nearest-neighbour upsampling.

    The results are computed in blocks of `size`, and the first result has position `offset` in
    the first block. Result `size * i + phase - offset` is the sum over j of kernel[j] times the
    upsampled pixel `size * i + phase - offset + j - before`. This is the pixel `i + tap` of the
    small image, where tap is `(phase - offset + j - before) // size`. All phases of a block use
    the same taps, so the offset is chosen to minimize their number: 2 instead of 3 for a kernel
    of 3.

    Args:
        kernel: int, the size of the kernel along the axis.
        size: int, the factor of the upsampling.
        before: int, the padding before the upsampled image.
    """

    def __init__(self, kernel, size, before):
        positions = np.arange(size)[:, None] + np.arange(kernel) - before
        self.offset = min(range(size), key=lambda offset: np.ptp((positions - offset) // size))
        taps = (positions - self.offset) // size
        self.first, self.last = int(taps.min()), int(taps.max())
        # 1 where kernel[j] belongs to the tap of a phase: [size, taps, kernel].
        distinct = np.arange(self.first, self.last + 1)
        self.sums = (taps[:, None, :] == distinct[None, :, None]).astype(np.float32)

    def margins(self, side, count):
        """Returns the padding before and after an image side for `count` outputs per phase."""
        return -self.first, count - side + self.last
