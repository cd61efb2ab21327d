"""Leaky ReLU that a convolution before it can compute along the way."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfgan_faces")
class LeakyReLU(keras.layers.LeakyReLU):
    """`keras.layers.LeakyReLU` with a gradient that needs the result only.

    The sign of the result is that of the input. So nobody else asks for the convolution's
    result, and TensorFlow makes one operation of convolution, bias and activation: one pass over
    memory less each way, and one feature map less to keep. Arguments and results are those
    of Keras; a slope of 0 is left to Keras.

    Input shape and output shape:
        Any one shape.

    Example:

    >>> LeakyReLU(negative_slope=0.5)(np.array([-2.0, 0.0, 2.0])).numpy()
    array([-1.,  0.,  2.], dtype=float32)

    Reference:
        [Maas et al., 2013](https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf).
    """

    def call(self, inputs):
        if not self.negative_slope > 0.0:
            return super().call(inputs)

        @tf.custom_gradient
        def activate(values):
            result = tf.nn.leaky_relu(values, self.negative_slope)

            def gradient(upstream):
                return tf.raw_ops.LeakyReluGrad(
                    gradients=upstream, features=result, alpha=self.negative_slope
                )

            return result, gradient

        return activate(inputs)
