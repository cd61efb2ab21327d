"""A trained generator that computes everything independent of the latents only once."""

import keras
import numpy as np
import tensorflow as tf

from tfgan_faces.layers import Deconvolution2D, MaxUnpooling2D

# A scale and a shift before these layers equal a scale and a shift by an image after them.
_COMMUTING = (MaxUnpooling2D, keras.layers.Cropping2D)
_SKIPPED = (keras.layers.InputLayer, keras.layers.Dropout)


class FrozenGenerator:
    """Computes the images of a generator at inference, but faster.

    Batch norms are folded into other layers. After a convolution or a dense layer, the batch
    norm becomes part of that layer's weights. After an activation, its scale becomes part of
    the next convolution's weights and its shift part of that convolution's bias. The bias then
    depends on the position, because the zeros of unpooling and the borders are not shifted.
    Derived kernels are constants, too. Each layer computes in its own precision.

    Args:
        generator: functional Keras model, [batch, latent_dim] -> [batch, height, width, 3],
            with final batch-norm statistics. Layers of other kinds, and models whose layers
            are not a chain, are called unchanged with their weights as constants.
        stored: `"float32"`, or `"float16"` to store float32 weights in half the memory. The
            precision of the computation does not change.

    Call arguments:
        latents: float32 tensor [batch, latent_dim].

    Returns:
        float32 tensor [batch, height, width, 3]: the generator's images with
        `training=False`, up to rounding.
    """

    def __init__(self, generator, stored="float32"):
        self.input_shape = generator.input_shape
        self.stages = []
        self._pending = None  # a batch norm that is not applied yet
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
        """Keeps the pending batch norm as a stage, because no linear layer absorbed it."""
        if self._pending:
            self.stages.insert(self._pending.position, _Plain(self._pending.layer))
            self._pending = None

    def _linear_before(self):
        """Returns the last stage if it is linear, or a dense one before a reshape, else None."""
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
    """An array that becomes a constant of the traced graph, cast to `dtype`."""

    def __init__(self, values, dtype, stored):
        self.dtype = tf.as_dtype(dtype)
        kept = stored if self.dtype == tf.float32 else self.dtype
        self.values = np.asarray(values).astype(tf.as_dtype(kept).as_numpy_dtype)

    def __call__(self):
        return tf.cast(tf.constant(self.values), self.dtype)


class _Plain:
    """A layer or a whole model that is called unchanged."""

    def __init__(self, layer):
        self.layer = layer

    def freeze(self, stored):
        """Creates the constants."""
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
    """A batch norm as a scale and a shift per channel.

    Args:
        layer: the Keras layer.
        position: int, the number of stages before it.

    Attributes:
        image: the shift as an image [1, height, width, channels] (or [1, channels]). Layers
            before the next linear one may crop and unpool it.
    """

    def __init__(self, layer, position):
        self.layer, self.position = layer, position
        self.scale, self.shift = _affine(layer)
        self.image = tf.broadcast_to(self.shift, (1, *layer.output.shape[1:]))


class _Linear:
    """A dense layer or convolution with batch norms folded into its weights.

    Args:
        layer: the Keras layer.
        before: `_Norm` applied to its inputs, or None.
    """

    def __init__(self, layer, before):
        self.layer, self.apply = layer, _LINEAR.get(type(layer), _deconvolve)
        self.kernel = layer.kernel.numpy()
        outputs = layer.output.shape[-1]
        self.bias = layer.bias.numpy() if layer.use_bias else np.zeros(outputs, np.float32)
        # Keras' kernels of transposed convolutions are [height, width, outputs, inputs].
        self.transposed = isinstance(layer, keras.layers.Conv2DTranspose)
        if before:
            response = self.apply(layer, before.image, self._derived_kernel(), None)
            self.bias = self.bias + response[0].numpy()
            self._scale(before.scale, -1 if self.transposed else -2)

    def scale_outputs(self, norm):
        """Folds in a batch norm that is applied to the outputs."""
        repeats = self.kernel.shape[-2 if self.transposed else -1] // len(norm.scale)
        # The result of a dense layer may be reshaped before its norm.
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
        """Creates the constants."""
        dtype = self.layer.compute_dtype
        self.kernel = _Constant(self._derived_kernel(), dtype, stored)
        self.varies = self.bias.ndim > 1  # with the position
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
    """Returns whether the only input of each layer is the output of the layer before it."""
    try:
        return all(
            after.input is before.output
            for before, after in zip(model.operations, model.operations[1:])
        )
    except (AttributeError, ValueError):  # a layer that is used more than once
        return False


def _affine(norm):
    """Returns the scale and shift of a batch norm at inference, float32 arrays [channels]."""
    channels = norm.moving_mean.shape[0]
    gamma = norm.gamma.numpy() if norm.scale else np.ones(channels, np.float32)
    beta = norm.beta.numpy() if norm.center else np.zeros(channels, np.float32)
    scale = gamma / np.sqrt(norm.moving_variance.numpy() + norm.epsilon)
    return scale, beta - norm.moving_mean.numpy() * scale
