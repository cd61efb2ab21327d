"""Unpooling and deconvolution in one, without multiplying by zeros or by equal values twice."""

import keras
import numpy as np
import tensorflow as tf

from tfgan_faces.layers import arguments
from tfgan_faces.layers.deconvolution_2d import Deconvolution2D
from tfgan_faces.layers.image_tensors import padded_convolution, shape_of
from tfgan_faces.layers.phases import interleaved, phase_bias, phase_kernel


@keras.saving.register_keras_serializable(package="tfgan_faces")
class UnpoolingDeconvolution2D(Deconvolution2D):
    """Equals unpooling, then `Deconvolution2D`, but computes at the small image's size.

    Three of four pixels (for size 2) of an image unpooled to the corners are zero, and
    three of four of a nearest-neighbour upsampling repeat the fourth. A 5x5 kernel
    meets 6.25 different pixels on average in the first and 9 in the second, not 25. The
    weights are those of the `Deconvolution2D` that is replaced, with the same shapes.

    Args:
        filters: int, number of output channels.
        kernel_size: int or pair of ints, height and width of the kernel.
        size: int or pair of ints, the unpooling's factors.
        mode: `"corner"` (as `MaxUnpooling2D` without switches) or `"nearest"` (as
            `keras.layers.UpSampling2D`).
        **kwargs: the other arguments of `Deconvolution2D`.

    Input shape:
        `[batch, height, width, channels]`, or `[batch, channels, height, width]` with
        `data_format="channels_first"`.

    Output shape:
        That of `Deconvolution2D` for an image of `size` times the height and width.

    Example:

    >>> UnpoolingDeconvolution2D(64, 5)(np.zeros((1, 12, 12, 128))).shape
    TensorShape([1, 28, 28, 64])

    Reference:
        [Shi et al., 2016](https://arxiv.org/abs/1609.07009) for the convolution at the small
        size that is followed by a shuffle.
    """

    def __init__(self, filters, kernel_size, size=2, mode="corner", **kwargs):
        super().__init__(filters, kernel_size, **kwargs)
        self.size = arguments.positive_pair(size, "size")
        self.mode = arguments.one_of(mode, ("corner", "nearest"), "mode")
        befores = [before for before, _ in self.margins()]
        self._phases = [_Phases(*axis) for axis in zip(self.kernel_size, self.size, befores)]

    def derived_kernel(self, kernel):
        """Returns the kernel of the equal convolution at the small image's size.

        Args:
            kernel: float tensor [height, width, channels, filters].

        Returns:
            With corners the flipped kernel of a transposed convolution, [height, width,
            filters, channels]; with nearest neighbours that of a convolution whose filters
            are the output's phases, [vertical taps, horizontal taps, channels,
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

    # A transposed convolution never touches the zeros; per phase, its kernel's taps differ in
    # number, so that a convolution of all phases would have to fill up with zeros.
    def _convolve_corners(self, images, flipped):
        batch, *small, _ = shape_of(images)
        spans = [
            (side - 1) * factor + kernel
            for side, factor, kernel in zip(small, self.size, self.kernel_size)
        ]
        large = tf.nn.conv2d_transpose(
            images, flipped, [batch, *spans, self.filters], self.size, "VALID"
        )
        # The last value's zeros: rows that "full" adds after what the kernel reaches.
        trailing = [factor - 1 for factor in self.size]
        large = tf.pad(large, [[0, 0], *([0, rows] for rows in trailing), [0, 0]])
        return large if self.padding == "full" else self._crop(large, small)

    def _crop(self, large, small):
        """Cuts the margins that "full" adds and "same" does not."""
        # "same" pads (kernel - 1) // 2 before the image, "full" kernel - 1.
        top, left = (side - 1 - (side - 1) // 2 for side in self.kernel_size)
        height, width = (side * factor for side, factor in zip(small, self.size))
        return large[:, top : top + height, left : left + width]

    def _convolve_phases(self, images, kernel, bias):
        _, *small, _ = shape_of(images)
        size = self.output_size(small)
        # Blocks cover the image, which may begin within the first of them.
        counts = [
            -(-(axis.offset + side) // factor)
            for axis, side, factor in zip(self._phases, size, self.size)
        ]
        margins = [axis.margins(*sides) for axis, *sides in zip(self._phases, small, counts)]
        bias = phase_bias(bias, self.size)
        large = interleaved(padded_convolution(images, kernel, bias, margins), counts, self.size)
        offsets = [axis.offset for axis in self._phases]
        if self.padding == "same" and not any(offsets):
            return large  # nothing to cut: a slice and its gradient are copies
        return tf.slice(large, [0, *offsets, 0], [-1, *size, -1])

    def output_size(self, size):
        unpooled = (s if s is None else s * factor for s, factor in zip(size, self.size))
        return super().output_size(tuple(unpooled))

    def get_config(self):
        return {**super().get_config(), "size": self.size, "mode": self.mode}


class _Phases:
    """One axis of a convolution after nearest-neighbour upsampling.

    The results are computed in blocks of `size`. Result `size * i + phase - offset`, where the
    offset is that of the first block, is the sum over j of kernel[j] times the upsampled pixel
    `size * i + phase - offset + j - before`, which is the small image's pixel `i + tap`, where
    tap is `(phase - offset + j - before) // size`. All phases of a block are computed from the
    same taps, so the offset is one with which there are fewest: 2 instead of 3 for a kernel of 3.

    Args:
        kernel: int, the kernel's side.
        size: int, the upsampling's factor.
        before: int, the padding before the upsampled image.
    """

    def __init__(self, kernel, size, before):
        places = np.arange(size)[:, None] + np.arange(kernel) - before
        self.offset = min(range(size), key=lambda offset: np.ptp((places - offset) // size))
        taps = (places - self.offset) // size
        self.first, self.last = int(taps.min()), int(taps.max())
        # 1 where kernel[j] belongs to a phase's tap: [size, taps, kernel].
        numbers = np.arange(self.first, self.last + 1)
        self.sums = (taps[:, None, :] == numbers[None, :, None]).astype(np.float32)

    def margins(self, side, count):
        """Returns the padding before and after an image side for `count` outputs a phase."""
        return -self.first, count - side + self.last
