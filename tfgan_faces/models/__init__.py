"""Architectures by name: pairs of functional Keras models."""

import contextlib

import keras

from tfgan_faces.config import LATENT_DIMS
from tfgan_faces.models import blog, dcgan, exercise

ARCHITECTURES = {"exercise": exercise, "blog": blog, "dcgan": dcgan}


def build_generator(
    name, image_size=32, latent_dim=None, width=1.0, precision="float32", fused=True
):
    """Returns a functional Keras model from latents to images.

    Args:
        name: one of `ARCHITECTURES`.
        image_size: int, height and width of the images.
        latent_dim: int, length of the noise vector; by default the architecture's own.
        width: factor on the number of channels of every layer.
        precision: Keras dtype policy of the layers; the images are float32.
        fused: False builds the plain layers where fused ones compute the same faster.

    Raises:
        UserError: the architecture cannot make images of this size.
    """
    architecture = _architecture(name)
    with _policy(precision):
        return architecture.build_generator(
            image_size, latent_dim or LATENT_DIMS[name], width, fused
        )


def build_discriminator(name, image_size=32, width=1.0, precision="float32"):
    """Returns a functional Keras model from images to logits; arguments as `build_generator`."""
    with _policy(precision):
        return _architecture(name).build_discriminator(image_size, width)


def _architecture(name):
    if name not in ARCHITECTURES:
        raise ValueError(
            f"`name` must be one of {', '.join(ARCHITECTURES)}. Received: name={name!r}"
        )
    return ARCHITECTURES[name]


@contextlib.contextmanager
def _policy(precision):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
