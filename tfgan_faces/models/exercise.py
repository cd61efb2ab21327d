"""The exercise's networks: max-pooling in the discriminator, unpooling in the generator."""

import keras
from keras import layers

from tfgan_faces.errors import UserError
from tfgan_faces.layers import (
    BlockConvolution2D,
    ByteDropout,
    Cropping2D,
    Deconvolution2D,
    FusedBatchNormalization,
    LeakyReLU,
    MaxPooling2D,
    MaxUnpooling2D,
    MinibatchStandardDeviation,
    UnpoolingDeconvolution2D,
)
from tfgan_faces.models.channels import scaled

# Channels of the seed image and of each block, by image size.
_GENERATOR_CHANNELS = {
    32: (256, 128, 64),
    64: (256, 128, 64, 32),
    128: (256, 128, 64, 32, 16),
}
_DISCRIMINATOR_CHANNELS = (32, 64, 96)


def build_generator(latents, image_size, width, fused):
    """Builds a generator's layers: a dense layer to 4x4, then unpooling blocks.

    The blocks are [unpooling, deconvolution, ReLU, dropout, batch norm]. The outermost pixels
    of a full deconvolution see only one tap of its kernel. After several deconvolutions, these
    pixels have almost no signal, and the faces would have a grey frame. So the 4x4 seed image
    gets a margin that repeats its outermost pixels. The margin grows with the image and is
    cropped from the result.

    Args:
        latents: Keras tensor [batch, any length].
        image_size: 32, 64 or 128. Two, three or four blocks enlarge 4 to 28, 60 or 124 (12
            after the first), and the last full deconvolution adds 4.
        width: factor on all channel counts.
        fused: whether to use faster equivalent layers (unpooling and deconvolution in one, few
            filters in blocks). Weights are the same, and images are equal up to rounding.

    Returns:
        Keras tensor, float32 [batch, size, size, 3] in -1..1.
    """
    _check(image_size)
    channels = [scaled(count, width) for count in _GENERATOR_CHANNELS[image_size]]
    x = layers.Dense(4 * 4 * channels[0], kernel_initializer="he_normal", name="dense")(latents)
    x = layers.Reshape((4, 4, channels[0]), name="seed")(x)
    x = keras.ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="symmetric")
    for index, filters in enumerate(channels[1:], 1):
        x = _generator_block(x, filters, fused, f"block{index}")
    x = _rgb(x, image_size, fused)
    return layers.Activation("tanh", dtype="float32", name="images")(x)


def _rgb(x, image_size, fused):
    """Applies the last full deconvolution, which adds 4 pixels, and crops the margin."""
    # Small initial weights, so that tanh is not saturated at the start of training.
    settings = {"kernel_initializer": keras.initializers.VarianceScaling(0.1), "name": "rgb"}
    margin = (x.shape[1] + 4 - image_size) // 2
    if fused:  # skips the pixels that would be cropped
        x = Cropping2D(margin - 4, name="margin_crop")(x)
        return BlockConvolution2D(3, 5, "valid", **settings)(x)
    x = Deconvolution2D(3, 5, **settings)(x)
    return Cropping2D(margin, name="margin_crop")(x)


def _generator_block(x, filters, fused, name):
    settings = {"kernel_initializer": "he_normal", "name": f"{name}_deconvolution"}
    if fused:
        x = UnpoolingDeconvolution2D(filters, 5, **settings)(x)
    else:
        x = MaxUnpooling2D(2, name=f"{name}_unpooling")(x)
        x = Deconvolution2D(filters, 5, **settings)(x)
    x = layers.ReLU(name=f"{name}_relu")(x)
    x = ByteDropout(0.1, name=f"{name}_dropout")(x)
    return FusedBatchNormalization(momentum=0.9, name=f"{name}_norm")(x)


def build_discriminator(image_size, width, minibatch_std=False):
    """Returns a discriminator: three blocks, a dense layer, one logit.

    The blocks are [convolution, max-pooling, ReLU, dropout].

    Args:
        image_size: 32, 64 or 128.
        width: factor on all channel counts.
        minibatch_std: whether to append `MinibatchStandardDeviation` to the last feature maps.

    Returns:
        Functional model float [batch, size, size, 3] -> float32 logits [batch, 1].
    """
    _check(image_size)
    images = x = keras.Input((image_size, image_size, 3), name="images")
    for index, channels in enumerate(_DISCRIMINATOR_CHANNELS, 1):
        x = _discriminator_block(x, scaled(channels, width), f"block{index}")
    if minibatch_std:
        x = MinibatchStandardDeviation(name="minibatch_std")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(scaled(512, width), kernel_initializer="he_normal", name="dense")(x)
    x = layers.ReLU(name="dense_relu")(x)
    x = ByteDropout(0.5, name="dense_dropout")(x)
    logits = layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(images, logits, name="exercise_discriminator")


def _discriminator_block(x, filters, name):
    x = layers.Conv2D(
        filters, 5, padding="same", kernel_initializer="he_normal", name=f"{name}_convolution"
    )(x)
    x = MaxPooling2D(2, name=f"{name}_pooling")(x)
    x = layers.ReLU(name=f"{name}_relu")(x)
    return ByteDropout(0.3, name=f"{name}_dropout")(x)


def build_critic(image_size, width, minibatch_std=False, norm="batch_norm"):
    """Returns a critic with the discriminator's blocks, whose weights can be clipped.

    Clipped weights are small, so the signal of the image almost vanishes after a few layers.
    Biases and dropout would be stronger than this signal, so there are none. A normalisation
    restores the scale of the signal in all blocks but the first, as in the code of the WGAN's
    authors. Without a normalisation, the clipping bounds must be wide enough, see
    `WeightClipping`. Leaky ReLUs pass gradients where a clipped filter does not respond.

    Args:
        image_size, width, minibatch_std: as in `build_discriminator`.
        norm: `"batch_norm"`, `"layer_norm"` (over the image, as group norm with one group) or
            `"no_norm"`.

    Returns:
        Functional model float [batch, size, size, 3] -> float32 scores [batch, 1].

    Reference:
        [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875) and its code.
    """
    _check(image_size)
    images = x = keras.Input((image_size, image_size, 3), name="images")
    for index, channels in enumerate(_DISCRIMINATOR_CHANNELS, 1):
        x = _critic_block(
            x, scaled(channels, width), norm if index > 1 else "no_norm", f"block{index}"
        )
    if minibatch_std:
        x = MinibatchStandardDeviation(name="minibatch_std")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(scaled(512, width), name="dense", **_UNBIASED)(x)
    x = LeakyReLU(0.2, name="dense_relu")(x)
    scores = layers.Dense(1, use_bias=False, dtype="float32", name="score")(x)
    return keras.Model(images, scores, name="exercise_critic")


_UNBIASED = {"use_bias": False, "kernel_initializer": "he_normal"}
_NORMS = {
    # The epsilons of PyTorch, which the authors' code uses. Keras' larger epsilons would
    # weaken the output of a clipped layer.
    "batch_norm": lambda name: FusedBatchNormalization(momentum=0.9, epsilon=1e-5, name=name),
    "layer_norm": lambda name: layers.GroupNormalization(1, epsilon=1e-5, name=name),
}


def _critic_block(x, filters, norm, name):
    x = layers.Conv2D(filters, 5, padding="same", name=f"{name}_convolution", **_UNBIASED)(x)
    x = MaxPooling2D(2, name=f"{name}_pooling")(x)
    if norm in _NORMS:  # after pooling, which leaves a quarter of the values
        x = _NORMS[norm](f"{name}_norm")(x)
    return LeakyReLU(0.2, name=f"{name}_relu")(x)


def _check(image_size):
    if image_size not in _GENERATOR_CHANNELS:
        raise UserError(
            "--image_size must be 32, 64 or 128 with the exercise architecture, because its "
            f"full deconvolutions determine the size. Received: {image_size}"
        )
