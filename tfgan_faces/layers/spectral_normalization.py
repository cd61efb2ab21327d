"""Spectral normalization of a convolution or dense layer."""

import keras
import tensorflow as tf

_EPSILON = 1e-12


@keras.saving.register_keras_serializable(package="tfgan_faces")
class SpectralNormalization(keras.layers.Wrapper):
    """Divides the kernel of a convolution or dense layer by its spectral norm.

    The norm is computed for the kernel as a matrix [all other axes, filters]. Each training
    call updates it by one step of power iteration. Gradients flow through the division, unlike
    in `keras.layers.SpectralNormalization`, which overwrites the kernel.

    Args:
        layer: layer with a `kernel` whose last axis is the filters. It must be linear in its
            inputs up to the bias and the activation.
        **kwargs: the base layer's arguments.

    Input shape:
        Same as the wrapped layer.

    Output shape:
        Same as the wrapped layer.

    Example:

    >>> layer = SpectralNormalization(keras.layers.Dense(2, kernel_initializer="ones"))
    >>> layer(np.ones((1, 3)))  # a kernel of ones [3, 2] has the norm sqrt(6)
    <tf.Tensor: shape=(1, 2), dtype=float32, numpy=array([[1.2247449, 1.2247449]], dtype=float32)>

    Reference:
        [Miyato et al., 2018](https://arxiv.org/abs/1802.05957), algorithm 1.
    """

    def __init__(self, layer, **kwargs):
        super().__init__(layer, **kwargs)

    def build(self, input_shape):
        super().build(input_shape)
        if not hasattr(self.layer, "kernel"):
            raise ValueError(f"`layer` must have a kernel. Received: layer={self.layer}")
        self.direction = self.add_weight(
            shape=(self.layer.kernel.shape[-1],),
            initializer=keras.initializers.RandomNormal(),
            trainable=False,
            autocast=False,
            dtype="float32",
            name="direction",
        )

    def call(self, inputs, training=False):
        # Dividing the inputs of a linear layer is equivalent to dividing its kernel.
        norm = self._spectral_norm(training)
        return self.layer(tf.cast(inputs, self.compute_dtype) / tf.cast(norm, self.compute_dtype))

    def _spectral_norm(self, training):
        kernel = tf.convert_to_tensor(self.layer.kernel.value)
        matrix = tf.cast(tf.reshape(kernel, (-1, kernel.shape[-1])), tf.float32)
        fixed = tf.stop_gradient(matrix)
        right = tf.convert_to_tensor(self.direction.value)
        left = _normalized(tf.linalg.matvec(fixed, right))
        right = _normalized(tf.linalg.matvec(fixed, left, transpose_a=True))
        if training:
            self.direction.assign(right)
        return tf.maximum(tf.tensordot(left, tf.linalg.matvec(matrix, right), 1), _EPSILON)

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)


def _normalized(vector):
    return vector / tf.maximum(tf.norm(vector), _EPSILON)
