"""Max-pooling that also returns the positions of the maxima."""

import keras
import tensorflow as tf

from tfgan_faces.layers import arguments
from tfgan_faces.layers.image_tensors import from_channels_last, to_channels_last
from tfgan_faces.layers.windows import Windows


@keras.saving.register_keras_serializable(package="tfgan_faces")
class MaxPoolingWithArgmax2D(keras.layers.Layer):
    """Max-pooling that also returns the positions ("switches") of the maxima.

    If several values in a window are equal, the first in row-major order is the maximum.
    The layer consists of slices and comparisons, so it compiles with XLA and has gradients
    of every order, unlike `tf.nn.max_pool_with_argmax`.

    Args:
        pool_size: int or pair of ints, height and width of a window.
        strides: int or pair of ints, distance between windows. Defaults to `pool_size`.
        padding: `"valid"` (all windows are inside the image) or `"same"` (the image is
            padded evenly with minus infinity, so that `ceil(size / strides)` windows fit).
        data_format: `"channels_last"` or `"channels_first"`. Defaults to the setting of Keras.

    Input shape:
        `[batch, height, width, channels]`, or `[batch, channels, height, width]` with
        `data_format="channels_first"`.

    Output shape:
        Two tensors of the shape of the pooled images. The first contains the maxima. The
        second, int64, contains the position of each maximum in its flattened image:
        `(row * width + column) * channels + channel` in both data formats.

    Example:

    >>> images = np.array([1.0, 5.0, 2.0, 3.0]).reshape(1, 2, 2, 1)
    >>> pooled, argmax = MaxPoolingWithArgmax2D(2)(images)
    >>> float(pooled[0, 0, 0, 0]), int(argmax[0, 0, 0, 0])
    (5.0, 1)

    Reference:
        [Zeiler and Fergus, 2013](https://arxiv.org/abs/1311.2901), section 2.1.
    """

    def __init__(self, pool_size=2, strides=None, padding="valid", data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.windows = Windows(pool_size, strides, padding)
        self.data_format = arguments.image_data_format(data_format)

    def call(self, inputs):
        self._pooled_shape(inputs.shape)  # only checks the shape
        images = to_channels_last(inputs, self.data_format)
        maxima, argmax = None, None
        for values, positions in self.windows.taps(images):
            if maxima is None:
                maxima, argmax = values, tf.broadcast_to(positions, tf.shape(values))
            else:
                larger = values > maxima
                maxima = tf.where(larger, values, maxima)
                argmax = tf.where(larger, positions, argmax)
        return tuple(from_channels_last(x, self.data_format) for x in (maxima, argmax))

    def compute_output_spec(self, inputs):
        shape = self._pooled_shape(inputs.shape)
        return (
            keras.KerasTensor(shape, dtype=self.compute_dtype),
            keras.KerasTensor(shape, dtype="int64"),
        )

    def _pooled_shape(self, shape):
        arguments.check_image_batch(shape, self)
        pooled = self.windows.count(arguments.spatial_size(shape, self.data_format))
        channels = arguments.channel_count(shape, self.data_format)
        return arguments.image_batch_shape(shape[0], pooled, channels, self.data_format)

    def get_config(self):
        return {
            **super().get_config(),
            **self.windows.get_config(),
            "data_format": self.data_format,
        }
