"""Projection of a photo: the latent whose generated face is closest to it."""

import keras
import numpy as np
import tensorflow as tf

from tfgan_faces.arguments import check_images
from tfgan_faces.latents import random_latents
from tfgan_faces.layers import InferenceClip
from tfgan_faces.models.frozen import FrozenGenerator
from tfgan_faces.visuals.image_grid import to_uint8

_CANDIDATES, _STARTS, _STEPS, _RATE = 512, 8, 300, 0.05
_PRIOR_WEIGHT = 0.002  # of the latent's mean square, relative to errors of images in -1..1
_POOL = 4


def project(generator, photo, seed=0):
    """Returns the generated face that is most similar to a photo.

    Args:
        generator, photo, seed: see `find_latent`.

    Returns:
        uint8 array [height, width, 3].
    """
    latent = find_latent(generator, photo, seed)
    return to_uint8(np.asarray(FrozenGenerator(generator)(tf.constant(latent[None]))[0]))


def find_latent(generator, photo, seed=0):
    """Returns the latent whose face is most similar to a photo.

    Adam starts at the 8 best of 512 random latents and minimizes the mean square errors at full
    and at a quarter of the resolution. A penalty keeps the latents close to the distribution of
    the noise.

    Args:
        generator: Keras model in inference form.
        photo: uint8 array [height, width, 3] of the generator's size.
        seed: int, seed of the random latents.

    Returns:
        float32 array [latent_dim].
    """
    check_images(photo[None], "photo")
    make = FrozenGenerator(_without_clip(generator))
    target = tf.constant(photo[None], tf.float32) / 127.5 - 1.0
    candidates = random_latents(_CANDIDATES, generator.input_shape[-1], (seed, 0))
    losses = tf.concat([_losses(make(z), target, z) for z in tf.split(candidates, 8)], 0)
    latents = tf.Variable(tf.gather(candidates, tf.argsort(losses)[:_STARTS]))
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(_RATE, _STEPS))
    optimizer.build([latents])

    @tf.function
    def descend():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(_losses(make(latents), target, latents))
        optimizer.apply(tape.gradient(loss, [latents]), [latents])

    for _ in range(_STEPS):
        descend()
    best = int(tf.argmin(_losses(make(tf.convert_to_tensor(latents)), target, latents)))
    return latents[best].numpy()


def _without_clip(generator):
    """Returns the generator without a final clip, whose gradient is zero outside its range."""
    if not isinstance(generator.layers[-1], InferenceClip):
        return generator
    return keras.Model(generator.inputs, generator.layers[-1].input)


def _losses(images, target, latents):
    coarse = [tf.nn.avg_pool2d(x, _POOL, _POOL, "VALID") for x in (images, target)]
    return (
        tf.reduce_mean(tf.square(images - target), (1, 2, 3))
        + tf.reduce_mean(tf.square(coarse[0] - coarse[1]), (1, 2, 3))
        + _PRIOR_WEIGHT * tf.reduce_mean(tf.square(latents), 1)
    )
