"""Leaky ReLU that TensorFlow can fuse with the convolution before it."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfgan_faces")
class LeakyReLU(keras.layers.LeakyReLU):
    """`keras.layers.LeakyReLU` with a gradient that needs only the result.

    The result has the same sign as the input, so the gradient does not need the output of the
    convolution. TensorFlow can then fuse convolution, bias and activation into one operation.
    This saves one pass over memory in each direction and the memory of one feature map.
    Arguments and results are the same as in Keras. For a slope of 0, the layer calls Keras'
    implementation.

    Input shape and output shape:
        Any shape, the same for both.

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
