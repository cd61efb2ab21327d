"""Noise vectors, defined once for training, sampling and export."""

import tensorflow as tf

from tfgan_faces.latents.philox import standard_normals


def random_latents(count, latent_dim, seed):
    """Returns standard normal latents [count, latent_dim] as a pure function of `seed`.

    Args:
        count: int, number of latents.
        latent_dim: int, length of each latent.
        seed: int tensor [2].
    """
    return tf.random.stateless_normal((count, latent_dim), seed, alg="philox")


def latents_from_seeds(seeds, latent_dim):
    """Returns one standard normal latent for each seed.

    Each row depends only on its seed, not on the other seeds or their number. It is the same on
    every machine, compiled or not.

    Args:
        seeds: int64 tensor [batch].
        latent_dim: int, length of each latent.

    Returns:
        float32 tensor [batch, latent_dim].
    """
    return standard_normals(tf.stack([seeds, tf.zeros_like(seeds)], -1), latent_dim)


def truncate(latents, factor):
    """Scales latents towards zero: 1 keeps them unchanged, 0 gives the average face.

    Args:
        latents: float tensor [batch, latent_dim].
        factor: number in 0..1.
    """
    return latents * factor


def spherical_interpolation(start, end, fraction):
    """Returns the points at `fraction` along the arcs from `start` to `end`.

    High-dimensional Gaussian noise is concentrated near a sphere. Straight lines would pass
    through its interior, where the generator was never trained.

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
    # Nearly parallel vectors define no arc; the straight line is its limit. Those in opposite
    # directions define too many; the line leads through 0.
    flat = sine < 1e-4
    safe = tf.where(flat, tf.ones_like(sine), sine)
    first = tf.where(flat, 1.0 - fraction, tf.sin((1.0 - fraction) * angle) / safe)
    second = tf.where(flat, fraction, tf.sin(fraction * angle) / safe)
    return first * start + second * end
