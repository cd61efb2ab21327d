"""The exercise's deconvolution: a convolution that keeps the margins."""

import keras
import tensorflow as tf

from tfgan_faces.layers import arguments
from tfgan_faces.layers.image_tensors import (
    from_channels_last,
    padded_convolution,
    to_channels_last,
)


@keras.saving.register_keras_serializable(package="tfgan_faces")
class Deconvolution2D(keras.layers.Layer):
    """Stride-1 convolution that keeps ("same") or enlarges ("full") the size of the image.

    A "full" convolution evaluates the kernel wherever it touches the image, so the image
    grows by `kernel_size - 1`. A "valid" convolution shrinks it by the same amount. Like
    Keras' `Conv2D`, the layer computes a correlation: it does not flip the kernel.

    Args:
        filters: int, number of output channels.
        kernel_size: int or pair of ints, height and width of the kernel.
        padding: `"full"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`. Defaults to the setting of Keras.
        activation: activation applied to the result. Defaults to none.
        use_bias: whether to add a bias per filter.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
        kernel_constraint, bias_constraint: as in `keras.layers.Conv2D`.

    Input shape:
        `[batch, height, width, channels]`, or `[batch, channels, height, width]` with
        `data_format="channels_first"`.

    Output shape:
        `[batch, height + kernel_height - 1, width + kernel_width - 1, filters]` with
        `padding="full"`, otherwise `[batch, height, width, filters]`. With
        `data_format="channels_first"`, the filters are the second axis.

    Example:

    >>> Deconvolution2D(3, 5)(np.zeros((1, 28, 28, 64))).shape
    TensorShape([1, 32, 32, 3])

    Reference:
        [Dumoulin and Visin, 2016](https://arxiv.org/abs/1603.07285), section 2.3.3.
    """

    PADDINGS = ("full", "same")

    def __init__(
        self,
        filters,
        kernel_size,
        padding="full",
        data_format=None,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        kernel_constraint=None,
        bias_constraint=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = arguments.positive_int(filters, "filters")
        self.kernel_size = arguments.positive_pair(kernel_size, "kernel_size")
        self.padding = arguments.one_of(padding, self.PADDINGS, "padding")
        self.data_format = arguments.image_data_format(data_format)
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)

    def build(self, input_shape):
        arguments.check_image_batch(input_shape, self)
        channels = arguments.channel_count(input_shape, self.data_format)
        if channels is None:
            raise ValueError(
                "The number of channels of `inputs` must be known. "
                f"Received: an input of shape {input_shape}"
            )
        # Without autocast, `derived_kernel` sums weights in the precision of the variables.
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*self.kernel_size, channels, self.filters),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            autocast=False,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.filters,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                autocast=False,
            )

    def call(self, inputs):
        images = to_channels_last(inputs, self.data_format)
        kernel = self.derived_kernel(tf.convert_to_tensor(self.kernel))
        bias = tf.cast(self.bias, images.dtype) if self.use_bias else None
        images = self.convolve(images, tf.cast(kernel, images.dtype), bias)
        return from_channels_last(self.activation(images), self.data_format)

    def derived_kernel(self, kernel):
        """Returns the kernel for `convolve`, a linear function of the layer's kernel."""
        return kernel

    def convolve(self, images, derived_kernel, bias):
        """Returns the result before the activation, for channels_last images.

        Args:
            images: float tensor [batch, height, width, channels].
            derived_kernel: result of `derived_kernel`, in the precision of the images.
            bias: tensor [filters] or None.
        """
        return padded_convolution(images, derived_kernel, bias, self.margins())

    def margins(self):
        """Returns the padding of height and width, a list of two pairs (before, after)."""
        if self.padding == "valid":
            return [(0, 0), (0, 0)]
        if self.padding == "same":
            return [((side - 1) // 2, side // 2) for side in self.kernel_size]
        return [(side - 1, side - 1) for side in self.kernel_size]

    def compute_output_shape(self, input_shape):
        arguments.check_image_batch(input_shape, self)
        size = self.output_size(arguments.spatial_size(input_shape, self.data_format))
        return arguments.image_batch_shape(input_shape[0], size, self.filters, self.data_format)

    def output_size(self, size):
        """Returns the (height, width) of the result. Unknown sides remain None."""
        growth = [sum(margin) - (k - 1) for margin, k in zip(self.margins(), self.kernel_size)]
        return tuple(s if s is None else s + extra for s, extra in zip(size, growth))

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "padding": self.padding,
            "data_format": self.data_format,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": keras.regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": keras.constraints.serialize(self.kernel_constraint),
            "bias_constraint": keras.constraints.serialize(self.bias_constraint),
        }
