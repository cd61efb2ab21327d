"""A channel that measures how much the images of a batch differ."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfgan_faces")
class MinibatchStandardDeviation(keras.layers.Layer):
    """Appends the standard deviation over the batch, averaged over positions and channels.

    With this channel, a discriminator can detect a generator that keeps making the same face.
    Real and generated images must be in separate batches.

    Args:
        epsilon: added to the variance before the square root.
        **kwargs: the base layer's arguments.

    Input shape:
        `[batch, height, width, channels]`.

    Output shape:
        `[batch, height, width, channels + 1]`.

    Example:

    >>> MinibatchStandardDeviation()(np.array([1.0, 3.0]).reshape(2, 1, 1, 1))[:, 0, 0].numpy()
    array([[1., 1.],
           [3., 1.]], dtype=float32)

    Reference:
        [Karras et al., 2018](https://arxiv.org/abs/1710.10196), section 3, with the whole
        batch as one group.
    """

    def __init__(self, epsilon=1e-8, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def call(self, inputs):
        values = tf.cast(inputs, tf.float32)
        deviations = tf.sqrt(tf.math.reduce_variance(values, 0) + self.epsilon)
        shape = tf.concat([tf.shape(inputs)[:-1], [1]], 0)
        channel = tf.fill(shape, tf.cast(tf.reduce_mean(deviations), inputs.dtype))
        return tf.concat([inputs, channel], -1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}
