"""A trained generator with all that does not depend on the latents computed once."""

import keras
import numpy as np
import tensorflow as tf

from tfgan_faces.layers import Deconvolution2D, MaxUnpooling2D

# A scale and a shift before them are a scale and a shifted image after them.
_COMMUTING = (MaxUnpooling2D, keras.layers.Cropping2D)
_SKIPPED = (keras.layers.InputLayer, keras.layers.Dropout)


class FrozenGenerator:
    """The images of a generator at inference, computed faster.

    Batch norm is folded away. Where it follows a convolution or a dense layer, it becomes
    part of that one's weights. Where it follows an activation, its scale goes into the next
    convolution's weights, and its shift into that one's bias, which then depends on the
    position: unpooling's zeros and the borders are not shifted. Derived kernels are
    constants, too. Each layer computes in its own precision.

    Args:
        generator: functional Keras model whose layers form a chain, [batch, latent_dim] ->
            [batch, height, width, 3], its batch-norm statistics set.

    Call arguments:
        latents: float32 tensor [batch, latent_dim].

    Returns:
        float32 tensor [batch, height, width, 3]: the generator's images with
        `training=False`, up to rounding.
    """

    def __init__(self, generator):
        self.input_shape = generator.input_shape
        self.stages = []
        pending = None  # of a batch norm that is still to be applied: scale, image of the shift
        for layer in generator.operations:
            if isinstance(layer, _SKIPPED):
                continue
            if isinstance(layer, keras.layers.BatchNormalization):
                scale, shift = _affine(layer)
                linear = self._linear_before()
                if linear:
                    linear.scale_outputs(scale, shift)
                else:
                    pending = scale, tf.broadcast_to(shift, (1, *layer.output.shape[1:]))
            elif type(layer) in _LINEAR or isinstance(layer, Deconvolution2D):
                self.stages.append(_Linear(layer, pending))
                pending = None
            else:
                if pending and not isinstance(layer, _COMMUTING):
                    raise ValueError(
                        "A batch norm must follow or precede a convolution or a dense layer. "
                        f"Received: one that precedes {layer.name}"
                    )
                if pending:
                    pending = pending[0], layer(pending[1])
                self.stages.append(_Plain(layer))
        if pending:
            raise ValueError("The last layer must not be a batch norm.")
        for stage in self.stages:
            stage.freeze()

    def _linear_before(self):
        """Returns the linear stage whose result comes next, a change of shape aside."""
        for stage in reversed(self.stages):
            if isinstance(stage, _Linear):
                return stage if stage.layer.activation is keras.activations.linear else None
            if not isinstance(stage.layer, keras.layers.Reshape):
                return None
        return None

    def __call__(self, latents):
        values = latents
        for stage in self.stages:
            values = stage(values)
        return values


class _Plain:
    """A layer without weights."""

    def __init__(self, layer):
        self.layer = layer

    def freeze(self):
        pass

    def __call__(self, values):
        if isinstance(self.layer, keras.layers.Layer):
            return self.layer(values, training=False)
        return self.layer(values)


class _Linear:
    """A dense layer or convolution with batch norms folded into its weights.

    Args:
        layer: the Keras layer.
        before: scale of its inputs' channels and image [1, height, width, channels] of the
            shift that comes then, or None.
    """

    def __init__(self, layer, before):
        self.layer, self.apply = layer, _LINEAR.get(type(layer), _deconvolve)
        self.kernel = layer.kernel.numpy()
        outputs = layer.output.shape[-1]
        self.bias = layer.bias.numpy() if layer.use_bias else np.zeros(outputs, np.float32)
        # Transposed kernels, as Keras has them, are [height, width, outputs, inputs].
        self.transposed = isinstance(layer, keras.layers.Conv2DTranspose)
        if before:
            scale, image = before
            answer = self.apply(layer, image, self._derived_kernel(), None)
            self.bias = self.bias + answer[0].numpy()
            self._scale(scale, -1 if self.transposed else -2)

    def scale_outputs(self, scale, shift):
        """Applies a batch norm to the results."""
        repeats = self.kernel.shape[-2 if self.transposed else -1] // len(scale)
        scale, shift = np.tile(scale, repeats), np.tile(shift, repeats)  # of a reshaped result
        self._scale(scale, -2 if self.transposed else -1)
        self.bias = self.bias * scale + shift

    def _scale(self, scale, axis):
        shape = [1] * self.kernel.ndim
        shape[axis] = len(scale)
        self.kernel = self.kernel * scale.reshape(shape)

    def _derived_kernel(self):
        if isinstance(self.layer, Deconvolution2D):
            return self.layer.derived_kernel(tf.constant(self.kernel)).numpy()
        return self.kernel

    def freeze(self):
        """Makes the constants."""
        dtype = tf.as_dtype(self.layer.compute_dtype).as_numpy_dtype
        self.kernel = self._derived_kernel().astype(dtype)
        self.bias = self.bias.astype(dtype)

    def __call__(self, values):
        kernel = tf.constant(self.kernel)  # within the graph that is traced
        values = tf.cast(values, kernel.dtype)
        if self.bias.ndim == 1:
            values = self.apply(self.layer, values, kernel, tf.constant(self.bias))
        else:
            values = self.apply(self.layer, values, kernel, None) + tf.constant(self.bias)
        return self.layer.activation(values)


def _dense(layer, values, kernel, bias):
    del layer
    values = tf.matmul(values, kernel)
    return values if bias is None else tf.nn.bias_add(values, bias)


def _deconvolve(layer, images, kernel, bias):
    return layer.convolve(images, kernel, bias)


def _transposed_convolution(layer, images, kernel, bias):
    images = keras.ops.conv_transpose(images, kernel, layer.strides, layer.padding)
    return images if bias is None else tf.nn.bias_add(images, bias)


_LINEAR = {
    keras.layers.Dense: _dense,
    keras.layers.Conv2DTranspose: _transposed_convolution,
}


def _affine(norm):
    """Returns scale and shift, float32 arrays [channels], of a batch norm at inference."""
    channels = norm.moving_mean.shape[0]
    gamma = norm.gamma.numpy() if norm.scale else np.ones(channels, np.float32)
    beta = norm.beta.numpy() if norm.center else np.zeros(channels, np.float32)
    scale = gamma / np.sqrt(norm.moving_variance.numpy() + norm.epsilon)
    return scale, beta - norm.moving_mean.numpy() * scale
