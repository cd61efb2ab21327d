"""The signatures through which TF Serving calls the generator.

To add a signature, add a function and an entry of `SIGNATURES`. Its checks, its warm-up requests
and its description for clients follow from them.
"""

import collections.abc
import dataclasses

import numpy as np
import tensorflow as tf

from tfgan_faces.latents import latents_from_seeds, spherical_interpolation, truncate
from tfgan_faces.models.frozen import FrozenGenerator
from tfgan_faces.serving.marked_png import marked


def _latents(latent_dim, latents):
    del latent_dim
    return latents


def _of_seed(latent_dim, seed):
    return latents_from_seeds(seed, latent_dim)


def _of_truncated_seed(latent_dim, seed, truncation):
    _check_lengths(seed, truncation)
    return truncate(latents_from_seeds(seed, latent_dim), _column(truncation))


def _between_seeds(latent_dim, from_seed, to_seed, fraction, truncation):
    _check_lengths(from_seed, to_seed, fraction, truncation)
    ends = (latents_from_seeds(seed, latent_dim) for seed in (from_seed, to_seed))
    latents = spherical_interpolation(*ends, _column(fraction))
    return truncate(latents, _column(truncation))


@dataclasses.dataclass(frozen=True)
class Signature:
    """One kind of request for images.

    Attributes:
        inputs: tuple of str, names in `input_specs`.
        latents: function of the latent length and the inputs to latents [batch, latent_dim].
        encodes: whether the output is `png_bytes`, string [batch], instead of `images`, uint8
            [batch, height, width, 3].
    """

    inputs: tuple
    latents: collections.abc.Callable
    encodes: bool = False


_SEED_AND_TRUNCATION = ("seed", "truncation")
SIGNATURES = {
    "serving_default": Signature(("latents",), _latents),
    "sample": Signature(("seed",), _of_seed),
    "png": Signature(("latents",), _latents, encodes=True),
    "sample_png": Signature(_SEED_AND_TRUNCATION, _of_truncated_seed, encodes=True),
    "interpolate": Signature(
        ("from_seed", "to_seed", "fraction", "truncation"), _between_seeds, encodes=True
    ),
}


def input_specs(latent_dim):
    """Returns the `tf.TensorSpec` of every input that a signature may have, by name."""
    specs = [tf.TensorSpec((None, latent_dim), tf.float32, "latents")]
    specs += [tf.TensorSpec((None,), tf.int64, name) for name in ("seed", "from_seed", "to_seed")]
    specs += [tf.TensorSpec((None,), tf.float32, name) for name in ("truncation", "fraction")]
    return {spec.name: spec for spec in specs}


def example_requests(latent_dim, count):
    """Returns inputs for every signature, for checks and warm-up.

    Args:
        latent_dim: int.
        count: int, number of rows of each input.

    Returns:
        Dict of signature to dict of input name to array.
    """
    seeds = np.arange(count, dtype=np.int64) ** 9  # some exceed 32 bits
    examples = {
        "latents": np.random.default_rng(0).standard_normal((count, latent_dim)).astype(np.float32),
        "seed": seeds,
        "from_seed": seeds,
        "to_seed": seeds[::-1].copy(),
        "fraction": np.linspace(0.0, 1.0, count, dtype=np.float32),
        "truncation": np.linspace(1.0, 0.5, count, dtype=np.float32),
    }
    return {
        name: {key: examples[key] for key in signature.inputs}
        for name, signature in SIGNATURES.items()
    }


class ServedGenerator(tf.Module):
    """The generator with the signatures in `SIGNATURES`.

    TF Serving merges requests of different clients into one batch. So every input and output is
    batched, and no value is an error: truncation and fraction are clipped to 0..1, and a row with
    a number that is not finite gives a black image and does not affect other rows. Wrong shapes
    and types are INVALID_ARGUMENT. Requests that TF Serving merged with one of wrong shape fail
    with it, before the model is called.

    Args:
        generator: functional Keras model in inference form.
        stored: `"float32"` or `"float16"`, see `FrozenGenerator`.
        mark: `SyntheticMark` of the PNGs, or None.

    Attributes:
        functions: dict of signature to `tf.function`.
    """

    def __init__(self, generator, stored="float32", mark=None):
        super().__init__()
        self._mark = mark
        self._frozen = FrozenGenerator(generator, stored)
        self._latent_dim = generator.input_shape[-1]
        specs = input_specs(self._latent_dim)
        # All signatures call this one function, so that the file contains the weights once.
        self._images = tf.function(self._images_of, input_signature=(specs["latents"],))
        self.functions = {
            name: tf.function(
                self._function(signature),
                input_signature=[specs[key] for key in signature.inputs],
            )
            for name, signature in SIGNATURES.items()
        }

    def _function(self, signature):
        def answer(*inputs):
            images = self._images(signature.latents(self._latent_dim, *inputs))
            if not signature.encodes:
                return {"images": images}
            png = tf.io.encode_png(images)
            if self._mark:
                png = marked(png, self._mark, dict(zip(signature.inputs, inputs)).get("seed"))
            # The suffix _bytes makes TF Serving's REST API encode the output as base64.
            return {"png_bytes": png}

        return answer

    def _images_of(self, latents):
        finite = tf.reduce_all(tf.math.is_finite(latents), 1)
        images = self._frozen(tf.where(finite[:, None], latents, 0.0))
        # Large latents may overflow in the layers.
        finite &= tf.reduce_all(tf.math.is_finite(images), (1, 2, 3))
        pixels = tf.round((tf.clip_by_value(images, -1.0, 1.0) + 1.0) * 127.5)
        return tf.cast(tf.where(finite[:, None, None, None], pixels, 0.0), tf.uint8)


def _column(factors):
    """Returns factors clipped to 0..1, as a column; NaN stays NaN."""
    return tf.clip_by_value(factors, 0.0, 1.0)[:, None]


def _check_lengths(first, *others):
    """Asserts that all inputs have the same length; otherwise single rows would be broadcast."""
    for other in others:
        tf.debugging.assert_equal(tf.size(first), tf.size(other), "inputs differ in length")
