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
        generator: functional Keras model, [batch, latent_dim] -> [batch, height, width, 3],
            its batch-norm statistics set. Layers that are not of a kind known here, and
            models whose layers are not a chain, are called as they are, with their weights
            as constants.
        stored: `"float32"`, or `"float16"` to keep float32 weights in half the memory; the
            layers compute as before.

    Call arguments:
        latents: float32 tensor [batch, latent_dim].

    Returns:
        float32 tensor [batch, height, width, 3]: the generator's images with
        `training=False`, up to rounding.
    """

    def __init__(self, generator, stored="float32"):
        self.input_shape = generator.input_shape
        self.stages = []
        self._pending = None  # a batch norm that is still to be applied
        for layer in generator.operations if _is_chain(generator) else [generator]:
            if not isinstance(layer, _SKIPPED):
                self._add(layer)
        self._keep_pending()
        for stage in self.stages:
            stage.freeze(stored)

    def _add(self, layer):
        if _is_foldable_norm(layer):
            self._keep_pending()
            norm, linear = _Norm(layer, len(self.stages)), self._linear_before()
            if linear:
                linear.scale_outputs(norm)
            else:
                self._pending = norm
        elif _is_linear(layer):
            self.stages.append(_Linear(layer, self._pending))
            self._pending = None
        else:
            if self._pending and isinstance(layer, _COMMUTING):
                self._pending.image = layer.call(self._pending.image)  # in its own precision
            else:
                self._keep_pending()
            self.stages.append(_Plain(layer))

    def _keep_pending(self):
        """Leaves a batch norm as it is that no linear layer took up."""
        if self._pending:
            self.stages.insert(self._pending.position, _Plain(self._pending.layer))
            self._pending = None

    def _linear_before(self):
        """Returns the linear stage whose result comes next, a dense one's reshaped or not."""
        stages = self.stages
        reshaped = stages and isinstance(stages[-1].layer, keras.layers.Reshape)
        stage = stages[-1 - reshaped] if len(stages) > reshaped else None
        if not isinstance(stage, _Linear) or stage.layer.activation is not keras.activations.linear:
            return None
        if reshaped and not isinstance(stage.layer, keras.layers.Dense):
            return None
        return stage

    def __call__(self, latents):
        values = latents
        for stage in self.stages:
            values = stage(values)
        return values


class _Constant:
    """An array that becomes a constant of the graph that is traced, computed as `dtype`."""

    def __init__(self, values, dtype, stored):
        self.dtype = tf.as_dtype(dtype)
        kept = stored if self.dtype == tf.float32 else self.dtype
        self.values = np.asarray(values).astype(tf.as_dtype(kept).as_numpy_dtype)

    def __call__(self):
        return tf.cast(tf.constant(self.values), self.dtype)


class _Plain:
    """A layer, or whole model, that is called as it is."""

    def __init__(self, layer):
        self.layer = layer

    def freeze(self, stored):
        """Makes the constants."""
        self.constants = [
            (variable, _Constant(variable.numpy(), variable.dtype, stored))
            for variable in getattr(self.layer, "variables", ())
        ]

    def __call__(self, values):
        if not isinstance(self.layer, keras.layers.Layer):
            return self.layer(values)
        weights = [(variable, constant()) for variable, constant in self.constants]
        with keras.StatelessScope(weights):
            return self.layer(values, training=False)


class _Norm:
    """A batch norm as a scale and a shift of channels.

    Args:
        layer: the Keras layer.
        position: int, the number of stages before it.

    Attributes:
        image: the shift as an image [1, height, width, channels] (or [1, channels]), which
            the layers up to the next linear one may crop and unpool.
    """

    def __init__(self, layer, position):
        self.layer, self.position = layer, position
        self.scale, self.shift = _affine(layer)
        self.image = tf.broadcast_to(self.shift, (1, *layer.output.shape[1:]))


class _Linear:
    """A dense layer or convolution with batch norms folded into its weights.

    Args:
        layer: the Keras layer.
        before: `_Norm` of its inputs, or None.
    """

    def __init__(self, layer, before):
        self.layer, self.apply = layer, _LINEAR.get(type(layer), _deconvolve)
        self.kernel = layer.kernel.numpy()
        outputs = layer.output.shape[-1]
        self.bias = layer.bias.numpy() if layer.use_bias else np.zeros(outputs, np.float32)
        # Transposed kernels, as Keras has them, are [height, width, outputs, inputs].
        self.transposed = isinstance(layer, keras.layers.Conv2DTranspose)
        if before:
            answer = self.apply(layer, before.image, self._derived_kernel(), None)
            self.bias = self.bias + answer[0].numpy()
            self._scale(before.scale, -1 if self.transposed else -2)

    def scale_outputs(self, norm):
        """Applies a batch norm to the results."""
        repeats = self.kernel.shape[-2 if self.transposed else -1] // len(norm.scale)
        # A dense layer's result is reshaped before its norm.
        scale, shift = np.tile(norm.scale, repeats), np.tile(norm.shift, repeats)
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

    def freeze(self, stored):
        """Makes the constants."""
        dtype = self.layer.compute_dtype
        self.kernel = _Constant(self._derived_kernel(), dtype, stored)
        self.varies = self.bias.ndim > 1  # from position to position
        self.bias = _Constant(self.bias, dtype, stored)

    def __call__(self, values):
        kernel, bias = self.kernel(), self.bias()
        values = tf.cast(values, kernel.dtype)
        if self.varies:
            values = self.apply(self.layer, values, kernel, None) + bias
        else:
            values = self.apply(self.layer, values, kernel, bias)
        return self.layer.activation(values)


def _dense(layer, values, kernel, bias):
    del layer
    values = tf.matmul(values, kernel)
    return values if bias is None else tf.nn.bias_add(values, bias)


def _deconvolve(layer, images, kernel, bias):
    return layer.convolve(images, kernel, bias)


def _transposed_convolution(layer, images, kernel, bias):
    images = keras.ops.conv_transpose(
        images, kernel, layer.strides, layer.padding, data_format="channels_last"
    )
    return images if bias is None else tf.nn.bias_add(images, bias)


_LINEAR = {
    keras.layers.Dense: _dense,
    keras.layers.Conv2DTranspose: _transposed_convolution,
}


def _is_foldable_norm(layer):
    norm = isinstance(layer, keras.layers.BatchNormalization)
    return norm and layer.axis in (-1, len(layer.output.shape) - 1)


def _is_linear(layer):
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        return False
    if isinstance(layer, keras.layers.Conv2DTranspose):
        return layer.output_padding is None and set(layer.dilation_rate) == {1}
    return isinstance(layer, (keras.layers.Dense, Deconvolution2D))


def _is_chain(model):
    """Whether each layer takes the one before it, and nothing else."""
    try:
        return all(
            after.input is before.output
            for before, after in zip(model.operations, model.operations[1:])
        )
    except (AttributeError, ValueError):  # a layer that is used more than once
        return False


def _affine(norm):
    """Returns scale and shift, float32 arrays [channels], of a batch norm at inference."""
    channels = norm.moving_mean.shape[0]
    gamma = norm.gamma.numpy() if norm.scale else np.ones(channels, np.float32)
    beta = norm.beta.numpy() if norm.center else np.zeros(channels, np.float32)
    scale = gamma / np.sqrt(norm.moving_variance.numpy() + norm.epsilon)
    return scale, beta - norm.moving_mean.numpy() * scale
