"""The exercise's pair: max-pooling in the discriminator, unpooling in the generator."""

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

# Of the seed image and of each block, by image size.
_GENERATOR_CHANNELS = {
    32: (256, 128, 64),
    64: (256, 128, 64, 32),
    128: (256, 128, 64, 32, 16),
}
_DISCRIMINATOR_CHANNELS = (32, 64, 96)


def build_generator(image_size, latent_dim, width, fused):
    """Dense to 4x4, then blocks of [unpooling, deconvolution, ReLU, dropout, batch norm].

    The outermost pixels of a full deconvolution see one tap of its kernel, those of
    several in a row next to nothing: the faces would stand in a grey frame. So the 4x4
    seed image gets a margin, its outermost pixels once more, which grows along with it
    and is cropped off the finished image.

    Args:
        image_size: 32, 64 or 128: 4 grows to 12, 28, 60, 124 by two, three or four blocks
            and by 4 in the last full deconvolution.
        latent_dim: int, length of the noise vector.
        width: factor on all channels.
        fused: whether layers are computed the faster way (unpooling and deconvolution in
            one, few filters in blocks); the same weights and, up to rounding, the same
            images either way.

    Returns:
        Functional model [batch, latent_dim] -> float32 [batch, size, size, 3] in -1..1.
    """
    _check(image_size)
    channels = [scaled(count, width) for count in _GENERATOR_CHANNELS[image_size]]
    latents = keras.Input((latent_dim,), name="latents")
    x = layers.Dense(4 * 4 * channels[0], kernel_initializer="he_normal", name="dense")(latents)
    x = layers.Reshape((4, 4, channels[0]), name="seed")(x)
    x = keras.ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="symmetric")
    for index, filters in enumerate(channels[1:], 1):
        x = _generator_block(x, filters, fused, f"block{index}")
    x = _rgb(x, image_size, fused)
    images = layers.Activation("tanh", dtype="float32", name="images")(x)
    return keras.Model(latents, images, name="exercise_generator")


def _rgb(x, image_size, fused):
    """The last full deconvolution, by 4 larger than its input, and the cut of the margin."""
    # Small at first, so that tanh is not saturated before anything is learnt.
    settings = {"kernel_initializer": keras.initializers.VarianceScaling(0.1), "name": "rgb"}
    margin = (x.shape[1] + 4 - image_size) // 2
    if fused:  # what would be cut off is not computed
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
    """Three blocks of [convolution, max-pooling, ReLU, dropout], dense layers, one logit.

    Args:
        image_size: 32, 64 or 128.
        width: factor on all channels.
        minibatch_std: whether the last feature maps tell how much the batch's images differ.

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
    """The discriminator's blocks as a critic whose weights can be clipped.

    Clipped weights are small. Behind a few layers of them hardly anything is left of the image, so
    nothing else may be stronger: there are no biases, and no dropout. A normalisation brings the
    signal back to its size in all blocks but the first, as in the authors' code of the WGAN;
    without one the boxes have to be wide enough, see `WeightClipping`. Leaky ReLUs let gradients
    pass where a clipped filter finds nothing.

    Args:
        image_size, width, minibatch_std: see `build_discriminator`.
        norm: `"batch_norm"`, `"layer_norm"` (over the image, as group norm with one group) or
            `"no_norm"`.

    Returns:
        Functional model float [batch, size, size, 3] -> float32 scores [batch, 1].

    Reference:
        [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875), and its code.
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
    # As in PyTorch, where the authors' code comes from: Keras' larger epsilons would
    # quieten what a clipped layer hands on.
    "batch_norm": lambda name: FusedBatchNormalization(momentum=0.9, epsilon=1e-5, name=name),
    "layer_norm": lambda name: layers.GroupNormalization(1, epsilon=1e-5, name=name),
}


def _critic_block(x, filters, norm, name):
    x = layers.Conv2D(filters, 5, padding="same", name=f"{name}_convolution", **_UNBIASED)(x)
    x = MaxPooling2D(2, name=f"{name}_pooling")(x)
    if norm in _NORMS:  # behind the pooling, where there is a quarter to normalise
        x = _NORMS[norm](f"{name}_norm")(x)
    return LeakyReLU(0.2, name=f"{name}_relu")(x)


def _check(image_size):
    if image_size not in _GENERATOR_CHANNELS:
        raise UserError(
            "--image_size must be 32, 64 or 128 with the exercise architecture, whose full "
            f"deconvolutions fix the sizes. Received: {image_size}"
        )
