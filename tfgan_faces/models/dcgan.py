"""The DCGAN baseline: strided and transposed convolutions with batch norm."""

import keras
from keras import layers

from tfgan_faces.errors import UserError
from tfgan_faces.layers import FusedBatchNormalization, MinibatchStandardDeviation
from tfgan_faces.models.channels import scaled
from tfgan_faces.models.normalization import norm_relu


def build_generator(latents, image_size, width, fused):
    """Builds a generator's layers: dense to 4x4, then transposed convolutions, batch norm and ReLU.

    The transposed convolutions have a stride of 2.

    Args:
        latents: Keras tensor [batch, any length].
        image_size: a power of two, at least 16.
        width: factor on all channel counts (64 in the last hidden layer).
        fused: unused, because this architecture has no fused layers.

    Returns:
        Keras tensor, float32 [batch, size, size, 3] in -1..1.

    Reference:
        [Radford et al., 2016](https://arxiv.org/abs/1511.06434), figure 1.
    """
    del fused
    channels = [scaled(64 * 2**i, width) for i in reversed(range(_halvings(image_size)))]
    x = layers.Dense(
        4 * 4 * channels[0], use_bias=False, kernel_initializer=_normal(), name="dense"
    )(latents)
    x = layers.Reshape((4, 4, channels[0]), name="seed")(x)
    x = norm_relu(x, "seed")
    for index, filters in enumerate(channels[1:], 1):
        x = _up(x, filters, f"block{index}", use_bias=False)
        x = norm_relu(x, f"block{index}")
    x = _up(x, 3, "rgb", use_bias=True)
    return layers.Activation("tanh", dtype="float32", name="images")(x)


def build_discriminator(image_size, width, minibatch_std=False):
    """Returns a discriminator: convolutions of stride 2 with leaky ReLU, one logit.

    All convolutions but the first have batch norm.

    Args:
        image_size: a power of two, at least 16.
        width: factor on all channel counts.
        minibatch_std: whether to append `MinibatchStandardDeviation` to the last feature maps.

    Returns:
        Functional model float [batch, size, size, 3] -> float32 logits [batch, 1].
    """
    images = x = keras.Input((image_size, image_size, 3), name="images")
    for index in range(_halvings(image_size)):
        name = f"block{index + 1}"
        x = layers.Conv2D(
            scaled(64 * 2**index, width),
            4,
            strides=2,
            padding="same",
            use_bias=index == 0,
            kernel_initializer=_normal(),
            name=f"{name}_convolution",
        )(x)
        if index > 0:
            x = FusedBatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
        x = layers.LeakyReLU(negative_slope=0.2, name=f"{name}_relu")(x)
    if minibatch_std:
        x = MinibatchStandardDeviation(name="minibatch_std")(x)
    x = layers.Flatten(name="flatten")(x)
    logits = layers.Dense(1, kernel_initializer=_normal(), dtype="float32", name="logit")(x)
    return keras.Model(images, logits, name="dcgan_discriminator")


def _up(x, filters, name, use_bias):
    return layers.Conv2DTranspose(
        filters,
        4,
        strides=2,
        padding="same",
        use_bias=use_bias,
        kernel_initializer=_normal(),
        name=f"{name}_deconvolution",
    )(x)


def _normal():
    return keras.initializers.RandomNormal(stddev=0.02)


def _halvings(image_size):
    if image_size < 16 or image_size & (image_size - 1):
        raise UserError(
            "--image_size must be a power of two, at least 16, with the dcgan architecture. "
            f"Received: {image_size}"
        )
    return image_size.bit_length() - 3
