"""Residual networks without normalisation, based on R3GAN, small enough for CPUs."""

import keras
from keras import layers

from tfgan_faces.layers import InferenceClip, LeakyReLU, MinibatchStandardDeviation
from tfgan_faces.models.channels import of_stages
from tfgan_faces.models.upsampling import upsampled

# Channels of the 4x4 image and of each stage, in the order of the generator.
_CHANNELS = (256, 192, 96, 48, 24, 12)
SLOPE = 0.2


def build_generator(latents, image_size, width, fused):
    """Builds a generator's layers: a dense layer to 4x4, then residual stages that double the size.

    The stages end at half the image's size, and the linear convolution to RGB does the last
    doubling. On a CPU, layers with few channels at the full size would take most of the time.

    Args:
        latents: Keras tensor [batch, any length].
        image_size: 16, 32, 64, 128 or 256.
        width: factor on all channel counts.
        fused: whether nearest upsampling and the convolution after it are one layer. Weights
            are the same, and images are equal up to rounding.

    Returns:
        Keras tensor, float32 [batch, size, size, 3], clipped to
        -1..1 outside training.

    Reference:
        [Huang et al., 2024](https://arxiv.org/abs/2501.05441), section 4, without its grouped
        convolutions, which CPUs compute slowly.
    """
    channels = of_stages(_CHANNELS, image_size, width)
    x = layers.Dense(4 * 4 * channels[0], name="dense")(latents)
    x = layers.Reshape((4, 4, channels[0]), name="seed")(x)
    for index, filters in enumerate(channels[1:], 1):
        x = _up(x, filters, fused, f"stage{index}")
    x = activation("rgb")(x)
    small = keras.initializers.VarianceScaling(0.1)
    x = upsampled(x, 3, 5, fused, name="rgb", kernel_initializer=small)
    return InferenceClip(-1.0, 1.0, dtype="float32", name="images")(x)


def build_discriminator(image_size, width, minibatch_std=False):
    """Returns a discriminator, the reverse of the generator.

    It has a convolution from RGB to half the size, residual stages down to 4x4 and one logit.

    Args:
        image_size: 16, 32, 64, 128 or 256.
        width: factor on all channel counts.
        minibatch_std: whether to append `MinibatchStandardDeviation` to the last feature maps.

    Returns:
        Functional model float [batch, size, size, 3] -> float32 logits [batch, 1].
    """
    channels = of_stages(_CHANNELS, image_size, width)[::-1]
    images = keras.Input((image_size, image_size, 3), name="images")
    x = convolution(channels[0], 4, "rgb", strides=2)(images)
    for index, filters in enumerate(channels[1:], 1):
        x = down(x, filters, f"stage{index}")
    if minibatch_std:
        x = MinibatchStandardDeviation(name="minibatch_std")(x)
    x = activation("flatten")(x)
    x = layers.Flatten(name="flatten")(x)
    logits = layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(images, logits, name="modern_discriminator")


def _up(x, filters, fused, name):
    short = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_short")(x)
    short = layers.UpSampling2D(2, interpolation="bilinear", name=f"{name}_short_upsampling")(short)
    x = activation(f"{name}_a")(x)
    x = upsampled(x, filters, 3, fused, name=f"{name}_a_convolution", kernel_initializer=_he())
    x = activation(f"{name}_b")(x)
    x = convolution(filters, 3, f"{name}_b_convolution", _small())(x)
    return layers.Add(name=f"{name}_sum")([short, x])


def down(x, filters, name):
    """Applies a residual stage that halves the size."""
    short = layers.AveragePooling2D(2, name=f"{name}_short_pooling")(x)
    short = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_short")(short)
    x = activation(f"{name}_a")(x)
    x = convolution(x.shape[-1], 3, f"{name}_a_convolution")(x)
    x = activation(f"{name}_b")(x)
    x = layers.AveragePooling2D(2, name=f"{name}_pooling")(x)
    x = convolution(filters, 3, f"{name}_b_convolution", _small())(x)
    return layers.Add(name=f"{name}_sum")([short, x])


def convolution(filters, kernel_size, name, initializer=None, strides=1):
    """Returns a convolution that keeps the size, or divides it by its strides."""
    return layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        kernel_initializer=initializer or _he(),
        name=name,
    )


def activation(name):
    """Returns the leaky ReLU of these networks."""
    return LeakyReLU(negative_slope=SLOPE, name=f"{name}_relu")


def _he():
    return keras.initializers.HeNormal()


def _small():
    # Small initial weights: without normalisation, the sums would grow with the depth.
    return keras.initializers.VarianceScaling(0.2)
