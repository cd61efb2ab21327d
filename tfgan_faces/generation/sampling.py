"""Faces from a trained generator, by run, seed or latent."""

import numpy as np
import tensorflow as tf

from tfgan_faces.latents import latents_from_seeds, spherical_interpolation, truncate
from tfgan_faces.models.frozen import FrozenGenerator
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.visuals.image_grid import to_uint8

_BATCH = 64


def sample(run_dir, count, seed=0, truncation=1.0, label=None):
    """Returns faces from a run's averaged generator.

    Args:
        run_dir: the run's folder.
        count: int, number of faces.
        seed: int, seed of the first face; it increases by 1 with each face.
        truncation: factor in 0..1 applied to the latents.
        label: str, the label of all faces, for a run with labels; by default, each seed chooses.

    Returns:
        uint8 array [count, height, width, 3].

    Raises:
        UserError: the folder contains no run, or the run has no checkpoint yet, or no such label.
        ValueError: `count` is less than 1.
    """
    if count < 1:
        raise ValueError(f"`count` must be at least 1. Received: {count}")
    generator, _ = RunDirectory(run_dir).averaged_generator(label=label)
    return faces_of_seeds(generator, range(seed, seed + count), truncation)


def generate(generator, latents):
    """Returns the faces of latents.

    Args:
        generator: Keras model in inference form.
        latents: float array [count, latent_dim].

    Returns:
        uint8 array [count, height, width, 3].
    """
    run = tf.function(FrozenGenerator(generator), reduce_retracing=True)
    batches = tf.data.Dataset.from_tensor_slices(latents).batch(_BATCH)
    return np.concatenate([to_uint8(run(batch).numpy()) for batch in batches])


def faces_of_seeds(generator, seeds, truncation=1.0):
    """Returns the faces of seeds, identical to those of the exported model.

    Args:
        generator: Keras model in inference form.
        seeds: sequence of non-negative ints.
        truncation: factor in 0..1 applied to the latents.

    Returns:
        uint8 array [count, height, width, 3].
    """
    return generate(generator, truncate(latents_of(generator, seeds), truncation))


def latents_of(generator, stations):
    """Returns the latents [count, latent_dim] of seeds; latents are returned unchanged.

    Args:
        generator: Keras model.
        stations: see `walk`.
    """
    if np.ndim(stations) == 2:
        return tf.constant(stations, tf.float32)
    return latents_from_seeds(tf.constant(list(stations), tf.int64), generator.input_shape[-1])


def walk(generator, stations, steps, truncation=1.0):
    """Returns the faces along a closed path through all stations.

    Args:
        generator: Keras model in inference form.
        stations: sequence of non-negative ints, seeds; or float array [count, latent_dim], latents.
        steps: int, number of faces from one station to the next.
        truncation: factor in 0..1 applied to the latents.

    Returns:
        uint8 array [len(stations) * steps, height, width, 3].
    """
    stations = latents_of(generator, stations)
    fractions = tf.reshape(tf.linspace(0.0, 1.0, steps + 1)[:-1], (1, steps, 1))
    following = tf.roll(stations, -1, axis=0)
    path_latents = spherical_interpolation(stations[:, None], following[:, None], fractions)
    path_latents = tf.reshape(path_latents, (-1, stations.shape[-1]))
    return generate(generator, truncate(path_latents, truncation))


def between(generator, stations, columns, truncation=1.0):
    """Returns the faces from each station to the next, including both ends.

    Args:
        generator: Keras model in inference form.
        stations: two or more seeds or latents, see `walk`.
        columns: int, number of faces from one station to the next.
        truncation: factor in 0..1 applied to the latents.

    Returns:
        uint8 array [(len(stations) - 1) * columns, height, width, 3].
    """
    ends = latents_of(generator, stations)
    fractions = tf.reshape(tf.linspace(0.0, 1.0, columns), (1, columns, 1))
    rows = spherical_interpolation(ends[:-1, None], ends[1:, None], fractions)
    return generate(generator, truncate(tf.reshape(rows, (-1, ends.shape[-1])), truncation))


def arithmetic(generator, signs, groups):
    """Returns the faces of the groups' mean latents and the face of their signed sum.

    Every latent is scaled to sqrt(latent_dim), the length of noise, because means are shorter.

    Args:
        generator: Keras model in inference form.
        signs: sequence of 1 and -1, one for each group.
        groups: sequence of sequences of seeds.

    Returns:
        uint8 array [len(groups) + 1, height, width, 3].

    Reference:
        [Radford et al., 2016](https://arxiv.org/abs/1511.06434), section 6.3.2.
    """
    latent_size = generator.input_shape[-1]
    means = tf.stack(
        [
            tf.reduce_mean(latents_from_seeds(tf.constant(group, tf.int64), latent_size), 0)
            for group in groups
        ]
    )
    result = tf.reduce_sum(tf.constant(signs)[:, None] * means, 0, keepdims=True)
    latents = tf.math.l2_normalize(tf.concat([means, result], 0), -1) * latent_size**0.5
    return generate(generator, latents)
