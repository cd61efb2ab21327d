"""Shapes and data formats of image tensors.

TensorFlow's CPU kernels exist for channels_last only (for float16 not even the
convolutions that Keras transposes by itself), so every layer computes in that format.
"""

import tensorflow as tf


def to_channels_last(images, data_format):
    """Transposes `images` to [batch, height, width, channels]."""
    return tf.transpose(images, (0, 2, 3, 1)) if data_format == "channels_first" else images


def from_channels_last(images, data_format):
    """Transposes [batch, height, width, channels] images to `data_format`."""
    return tf.transpose(images, (0, 3, 1, 2)) if data_format == "channels_first" else images


def shape_of(tensor):
    """Returns the shape as a list: ints where known while tracing, else scalar tensors."""
    static, dynamic = tensor.shape.as_list(), tf.unstack(tf.shape(tensor))
    return [known if known is not None else late for known, late in zip(static, dynamic)]


def maximum(a, b):
    """The larger of two sides, an int when both are known."""
    return max(a, b) if isinstance(a, int) and isinstance(b, int) else tf.maximum(a, b)


def padded_convolution(images, kernel, bias, margins, same=False):
    """Returns a convolution of stride 1.

    Args:
        images: float tensor [batch, height, width, channels].
        kernel: tensor [height, width, channels, filters].
        bias: tensor [filters] or None; added next to the convolution, where oneDNN fuses it.
        margins: padding before and after each of height and width.
        same: whether to pad as an ordinary "same" convolution instead.
    """
    if same:
        images = tf.nn.conv2d(images, kernel, 1, "SAME")
    else:
        # A pad of its own: with explicit padding the convolution's gradients miss oneDNN.
        images = tf.nn.conv2d(tf.pad(images, [[0, 0], *margins, [0, 0]]), kernel, 1, "VALID")
    return images if bias is None else tf.nn.bias_add(images, bias)
