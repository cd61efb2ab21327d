"""Cropping whose gradient is a single padding operation."""

import keras
import tensorflow as tf

from tfgan_faces.layers.image_tensors import shape_of


@keras.saving.register_keras_serializable(package="tfgan_faces")
class Cropping2D(keras.layers.Cropping2D):
    """`keras.layers.Cropping2D` with `tf.slice`, whose gradient is several times faster.

    Keras crops with Python slices, whose gradient copies element by element. Arguments and
    results are the same as in Keras.

    Input shape:
        `[batch, height, width, channels]`.

    Output shape:
        `[batch, cropped_height, cropped_width, channels]`.

    Example:

    >>> Cropping2D(1)(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0].numpy()
    array([[ 5.,  6.],
           [ 9., 10.]], dtype=float32)
    """

    def call(self, inputs):
        if self.data_format != "channels_last":
            return super().call(inputs)
        (top, bottom), (left, right) = self.cropping
        # Known sides stay ints, which converters to other formats need.
        _, height, width, _ = shape_of(inputs)
        size = [-1, height - top - bottom, width - left - right, -1]
        cropped = tf.slice(inputs, [0, top, left, 0], size)
        cropped.set_shape(self.compute_output_shape(inputs.shape))
        return cropped
