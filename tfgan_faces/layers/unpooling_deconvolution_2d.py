"""Unpooling and deconvolution in one, without multiplying by unpooling's zeros."""

import keras
import tensorflow as tf

from tfgan_faces.layers import arguments
from tfgan_faces.layers.deconvolution_2d import Deconvolution2D
from tfgan_faces.layers.image_tensors import shape_of


@keras.saving.register_keras_serializable(package="tfgan_faces")
class UnpoolingDeconvolution2D(Deconvolution2D):
    """Equals `MaxUnpooling2D(size)` without switches, then `Deconvolution2D`, but faster.

    Three of four pixels (for size 2) of an image unpooled to the corners are zero. The
    pair is a transposed convolution of the small image with stride `size` and the
    flipped kernel, which never touches those zeros. The weights are those of the
    `Deconvolution2D` it replaces, with the same shapes.

    Args:
        filters: int, number of output channels.
        kernel_size: int or pair of ints, height and width of the kernel.
        size: int or pair of ints, the unpooling's factors.
        **kwargs: the other arguments of `Deconvolution2D`.

    Input shape:
        `[batch, height, width, channels]`, or `[batch, channels, height, width]` with
        `data_format="channels_first"`.

    Output shape:
        That of `Deconvolution2D` for an image of `size` times the height and width.

    Example:

    >>> UnpoolingDeconvolution2D(64, 5)(np.zeros((1, 12, 12, 128))).shape
    TensorShape([1, 28, 28, 64])
    """

    def __init__(self, filters, kernel_size, size=2, **kwargs):
        super().__init__(filters, kernel_size, **kwargs)
        self.size = arguments.positive_pair(size, "size")

    def convolve(self, images):
        batch, *small, _ = shape_of(images)
        spans = [
            (side - 1) * factor + kernel
            for side, factor, kernel in zip(small, self.size, self.kernel_size)
        ]
        flipped = tf.transpose(tf.reverse(tf.convert_to_tensor(self.kernel), (0, 1)), (0, 1, 3, 2))
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

    def output_size(self, size):
        unpooled = (s if s is None else s * factor for s, factor in zip(size, self.size))
        return super().output_size(tuple(unpooled))

    def get_config(self):
        return {**super().get_config(), "size": self.size}
