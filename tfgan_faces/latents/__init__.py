"""Noise vectors: the one definition that training, sampling and the export share."""

import tensorflow as tf

from tfgan_faces.latents.philox import standard_normals


def random_latents(count, latent_dim, seed):
    """Returns standard normal latents [count, latent_dim], a pure function of `seed`.

    Args:
        count: int, number of latents.
        latent_dim: int, their length.
        seed: int tensor [2].
    """
    return tf.random.stateless_normal((count, latent_dim), seed, alg="philox")


def latents_from_seeds(seeds, latent_dim):
    """Returns one standard normal latent for each seed.

    Each row depends on its own seed only, whatever the others and their number are, and is the
    same on every machine, compiled or not.

    Args:
        seeds: int64 tensor [batch].
        latent_dim: int.

    Returns:
        float32 tensor [batch, latent_dim].
    """
    return standard_normals(tf.stack([seeds, tf.zeros_like(seeds)], -1), latent_dim)


def truncate(latents, factor):
    """Moves latents towards zero: 1 leaves them, 0 gives the one average face.

    Args:
        latents: float tensor [batch, latent_dim].
        factor: number in 0..1.
    """
    return latents * factor


def spherical_interpolation(start, end, fraction):
    """Returns the points at `fraction` of the arcs from `start` to `end`.

    High-dimensional Gaussian noise lies close to a sphere; straight lines would cut
    through its inside, where the generator was never trained.

    Args:
        start, end: float tensors [..., latent_dim].
        fraction: number in 0..1, or a tensor that broadcasts against [..., 1].

    Reference:
        [White, 2016](https://arxiv.org/abs/1609.04468), section 2.1.
    """
    cosine = tf.reduce_sum(
        tf.math.l2_normalize(start, -1) * tf.math.l2_normalize(end, -1), -1, keepdims=True
    )
    angle = tf.acos(tf.clip_by_value(cosine, -1.0, 1.0))
    sine = tf.sin(angle)
    # Nearly (anti)parallel vectors span no arc; the straight line is their limit.
    flat = sine < 1e-4
    safe = tf.where(flat, tf.ones_like(sine), sine)
    first = tf.where(flat, 1.0 - fraction, tf.sin((1.0 - fraction) * angle) / safe)
    second = tf.where(flat, fraction, tf.sin(fraction * angle) / safe)
    return first * start + second * end
