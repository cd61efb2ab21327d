"""The networks of the blog post "Generating Faces with Torch" (torch.ch, 2015)."""

import keras
from keras import layers

from tfgan_faces.errors import UserError
from tfgan_faces.layers import (
    BlockConvolution2D,
    ByteDropout,
    Deconvolution2D,
    InferenceClip,
    MaxPooling2D,
    MinibatchStandardDeviation,
)
from tfgan_faces.models.channels import scaled
from tfgan_faces.models.normalization import norm_relu
from tfgan_faces.models.upsampling import upsampled

_GENERATOR_CHANNELS = {32: (256, 128), 64: (256, 256, 128), 128: (256, 256, 256, 128)}
_DISCRIMINATOR_CHANNELS = {32: (32, 64), 64: (32, 64, 96), 128: (32, 64, 96, 128)}


def build_generator(latents, image_size, width, fused):
    """Builds a generator's layers: a dense layer to 8x8, then upsampling blocks.

    The blocks are [nearest upsampling, convolution, batch norm, ReLU]. At 64 pixels, the model
    is exactly the post's `G`, which draws 512 numbers. At 32 pixels it has one block fewer, at
    128 one more. The output is linear and is clipped to -1..1 only outside of training.

    Args:
        latents: Keras tensor [batch, any length].
        image_size: 32, 64 or 128.
        width: factor on all channel counts.
        fused: whether to use faster equivalent layers (upsampling and convolution in one, few
            filters in blocks). Weights are the same, and images are equal up to rounding.

    Returns:
        Keras tensor, float32 [batch, size, size, 3].
    """
    _check(image_size)
    seed = scaled(128, width)
    x = layers.Dense(8 * 8 * seed, name="dense")(latents)
    x = layers.ReLU(name="dense_relu")(x)
    x = layers.Reshape((8, 8, seed), name="seed")(x)
    for index, channels in enumerate(_GENERATOR_CHANNELS[image_size], 1):
        name = f"block{index}"
        x = upsampled(x, scaled(channels, width), 5, fused, name=f"{name}_deconvolution")
        x = norm_relu(x, name)
    rgb = BlockConvolution2D if fused else Deconvolution2D
    x = rgb(3, 3, "same", name="rgb")(x)
    return InferenceClip(-1.0, 1.0, dtype="float32", name="images")(x)


def build_discriminator(image_size, width, minibatch_std=False):
    """Returns a discriminator: convolution blocks, a dense layer, one logit.

    The blocks are [convolution, max-pooling, ReLU, spatial dropout]. At 64 pixels, the model is
    exactly the post's `D` without its sigmoid, which is part of the losses.

    Args:
        image_size: 32, 64 or 128.
        width: factor on all channel counts.
        minibatch_std: whether to append `MinibatchStandardDeviation` to the last feature maps.

    Returns:
        Functional model float [batch, size, size, 3] -> float32 logits [batch, 1].
    """
    _check(image_size)
    images = x = keras.Input((image_size, image_size, 3), name="images")
    for index, channels in enumerate(_DISCRIMINATOR_CHANNELS[image_size], 1):
        name = f"block{index}"
        x = layers.Conv2D(scaled(channels, width), 5, padding="same", name=f"{name}_convolution")(x)
        x = MaxPooling2D(2, name=f"{name}_pooling")(x)
        x = layers.ReLU(name=f"{name}_relu")(x)
        x = layers.SpatialDropout2D(0.2, name=f"{name}_dropout")(x)
    if minibatch_std:
        x = MinibatchStandardDeviation(name="minibatch_std")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(scaled(1024, width), name="dense")(x)
    x = layers.ReLU(name="dense_relu")(x)
    x = ByteDropout(0.5, name="dense_dropout")(x)
    logits = layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(images, logits, name="blog_discriminator")


def _check(image_size):
    if image_size not in _GENERATOR_CHANNELS:
        raise UserError(
            f"--image_size must be 32, 64 or 128 with the blog architecture. Received: {image_size}"
        )
