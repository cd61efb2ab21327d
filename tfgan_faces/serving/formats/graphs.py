"""The functions that other formats are converted from, and the images that they must return."""

import numpy as np
import tensorflow as tf

from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.models.frozen import FrozenGenerator
from tfgan_faces.serving.signatures import example_requests, input_specs
from tfgan_faces.visuals.image_grid import to_uint8

FROM_LATENTS, FROM_SEEDS = "images_from_latents", "images_from_seeds"
_CHECKED_ROWS = 7


def image_functions(generator):
    """Returns the functions to convert: dict of name to traced `tf.function`.

    `images_from_latents` takes `latents`, float32 [batch, latent_dim], and `images_from_seeds`
    takes `seed`, int64 [batch]. Both return uint8 `images` [batch, height, width, 3].

    Args:
        generator: functional Keras model for inference.
    """
    frozen, latent_dim = FrozenGenerator(generator), generator.input_shape[-1]
    specs = input_specs(latent_dim)

    def from_latents(latents):
        images = tf.clip_by_value(frozen(latents), -1.0, 1.0)
        return {"images": tf.cast(tf.round((images + 1.0) * 127.5), tf.uint8)}

    def from_seeds(seed):
        return from_latents(latents_from_seeds(seed, latent_dim))

    return {
        FROM_LATENTS: tf.function(from_latents, input_signature=[specs["latents"]]),
        FROM_SEEDS: tf.function(from_seeds, input_signature=[specs["seed"]]),
    }


def expected_images(generator):
    """Returns what the functions must return: dict of name to (inputs, images)."""
    requests = example_requests(generator, _CHECKED_ROWS)
    latents, seeds = requests["serving_default"], requests["sample"]
    of_seeds = latents_from_seeds(tf.constant(seeds["seed"]), generator.input_shape[-1])
    return {
        FROM_LATENTS: (latents, _images(generator, latents["latents"])),
        FROM_SEEDS: (seeds, _images(generator, of_seeds)),
    }


def _images(generator, latents):
    with tf.device("CPU:0"):  # as the other runtimes: a GPU may round more coarsely
        return to_uint8(np.asarray(generator(latents, training=False)))
