"""Shapes and data formats of image tensors.

TensorFlow's CPU kernels support channels_last only, in float16 even for the convolutions that
Keras transposes on its own. So every layer computes in that format.
"""

import tensorflow as tf


def to_channels_last(images, data_format):
    """Transposes `images` to [batch, height, width, channels]."""
    return tf.transpose(images, (0, 2, 3, 1)) if data_format == "channels_first" else images


def from_channels_last(images, data_format):
    """Transposes [batch, height, width, channels] images to `data_format`."""
    return tf.transpose(images, (0, 3, 1, 2)) if data_format == "channels_first" else images


def shape_of(tensor):
    """Returns the shape as a list: ints where known at trace time, otherwise scalar tensors."""
    static, dynamic = tensor.shape.as_list(), tf.unstack(tf.shape(tensor))
    return [known if known is not None else size for known, size in zip(static, dynamic)]


def maximum(a, b):
    """Returns the larger of two sides, an int if both are known."""
    return max(a, b) if isinstance(a, int) and isinstance(b, int) else tf.maximum(a, b)


def padded_convolution(images, kernel, bias, margins, strides=(1, 1)):
    """Returns a convolution of images that are padded with zeros.

    Args:
        images: float tensor [batch, height, width, channels].
        kernel: tensor [height, width, channels, filters].
        bias: tensor [filters] or None. Added right after the convolution, so that oneDNN fuses it.
        margins: padding of height and width, a list of two pairs (before, after).
        strides: pair of ints.
    """
    known = all(isinstance(side, int) for margin in margins for side in margin)
    if known and margins == _same_margins(images.shape[1:3], kernel.shape[:2], strides):
        images = tf.nn.conv2d(images, kernel, strides, "SAME")  # avoids a padded copy
    else:
        # Pad separately: oneDNN does not compute the gradients with explicit padding.
        if not known or any(map(any, margins)):
            images = tf.pad(images, [[0, 0], *margins, [0, 0]])
        images = tf.nn.conv2d(images, kernel, strides, "VALID")
    return images if bias is None else tf.nn.bias_add(images, bias)


def _same_margins(size, kernel, strides):
    """Returns the margins of TensorFlow's "SAME", or None if they depend on an unknown side."""
    margins = []
    for side, span, stride in zip(size, kernel, strides):
        if stride > 1 and side is None:
            return None
        # With a stride of 1, the margins do not depend on the side.
        total = span - stride if stride == 1 or side % stride == 0 else span - side % stride
        margins.append((max(total, 0) // 2, max(total, 0) - max(total, 0) // 2))
    return margins
