"""Requests for every signature: what checks and warm-up send."""

import numpy as np
import tensorflow as tf

from tfgan_faces.latents import latents_from_seeds, spherical_interpolation, truncate


def example_requests(latent_dim, count):
    """Returns inputs for every signature.

    Args:
        latent_dim: int.
        count: int, number of rows of each input.

    Returns:
        Dict of signature to dict of input name to array.
    """
    latents = np.random.default_rng(0).standard_normal((count, latent_dim)).astype(np.float32)
    seeds = np.arange(count, dtype=np.int64) ** 9  # up to beyond 32 bits
    truncation = np.linspace(1.0, 0.5, count, dtype=np.float32)
    return {
        "serving_default": {"latents": latents},
        "sample": {"seed": seeds},
        "png": {"latents": latents},
        "sample_png": {"seed": seeds, "truncation": truncation},
        "interpolate": {
            "from_seed": seeds,
            "to_seed": seeds[::-1].copy(),
            "fraction": np.linspace(0.0, 1.0, count, dtype=np.float32),
            "truncation": truncation,
        },
    }


def requested_latents(inputs, latent_dim):
    """Returns the latents that a request of any signature asks the images of.

    Args:
        inputs: dict of input name to array, one of those that `example_requests` returns.
        latent_dim: int.
    """
    if "latents" in inputs:
        return tf.constant(inputs["latents"])
    factor = tf.constant(inputs.get("truncation", np.float32(1)))[..., None]
    if "seed" in inputs:
        return truncate(latents_from_seeds(tf.constant(inputs["seed"]), latent_dim), factor)
    start, end = (
        latents_from_seeds(tf.constant(inputs[name]), latent_dim)
        for name in ("from_seed", "to_seed")
    )
    fraction = tf.constant(inputs["fraction"])[:, None]
    return truncate(spherical_interpolation(start, end, fraction), factor)
