"""Max-pooling with a gradient that is fast inside a condition."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfgan_faces")
class MaxPooling2D(keras.layers.MaxPooling2D):
    """`keras.layers.MaxPooling2D` with a gradient that is fast inside `tf.cond`.

    A training step computes gradients inside `tf.cond`, so that a network whose update is
    skipped needs no backward pass. There, TensorFlow does not see the pooling that a gradient
    belongs to, and uses a kernel ten times slower than oneDNN's. The gradient of this layer
    repeats the pooling inside the condition, which costs a fraction of that. Arguments and
    results are the same as in Keras.

    Input shape:
        `[batch, height, width, channels]`.

    Output shape:
        `[batch, pooled_height, pooled_width, channels]`.

    Example:

    >>> MaxPooling2D(2)(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0].numpy()
    array([[ 5.,  7.],
           [13., 15.]], dtype=float32)
    """

    def call(self, inputs):
        if self.data_format != "channels_last":
            return super().call(inputs)
        window = {
            "ksize": [1, *self.pool_size, 1],
            "strides": [1, *self.strides, 1],
            "padding": self.padding.upper(),
        }

        @tf.custom_gradient
        def pool(images):
            def gradient(upstream):
                pooled = tf.raw_ops.MaxPool(input=images, **window)
                return tf.raw_ops.MaxPoolGrad(
                    orig_input=images, orig_output=pooled, grad=upstream, **window
                )

            return tf.raw_ops.MaxPool(input=images, **window), gradient

        return pool(inputs)
