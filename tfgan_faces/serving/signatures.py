"""The generator as TF Serving calls it."""

import tensorflow as tf

from tfgan_faces.latents import latents_from_seeds, spherical_interpolation, truncate
from tfgan_faces.models.frozen import FrozenGenerator

SIGNATURES = ("serving_default", "sample", "png", "sample_png", "interpolate")


class ServedGenerator(tf.Module):
    """The generator's signatures.

    | signature | inputs | output |
    |---|---|---|
    | `serving_default` | `latents` float32 [batch, latent_dim] | `images` uint8 |
    | `sample` | `seed` int64 [batch] | `images` uint8 [batch, height, width, 3] |
    | `png` | `latents` | `png_bytes` string [batch] |
    | `sample_png` | `seed`, `truncation` float32 [batch] | `png_bytes` |
    | `interpolate` | `from_seed`, `to_seed`, `fraction`, `truncation` [batch] | `png_bytes` |

    TF Serving merges the requests of strangers into one batch, so every input and output is
    batched, and no value is an error: truncation and fraction are clipped to 0..1, and a row
    with a number that is not finite gives a black image, its neighbours their own. Wrong
    shapes and types are INVALID_ARGUMENT; what is merged with a wrong shape fails with it, which
    TF Serving decides before it asks the model.

    Args:
        generator: functional Keras model in inference form.
        stored: `"float32"` or `"float16"`, see `FrozenGenerator`.
    """

    def __init__(self, generator, stored="float32"):
        super().__init__()
        self._frozen = FrozenGenerator(generator, stored)
        self._latent_dim = generator.input_shape[-1]
        latents = tf.TensorSpec((None, self._latent_dim), tf.float32, "latents")
        # One function that all signatures call: the weights are in the file once.
        self._images = tf.function(self._images_of, input_signature=(latents,))
        seed, from_seed, to_seed = (
            tf.TensorSpec((None,), tf.int64, name) for name in ("seed", "from_seed", "to_seed")
        )
        truncation, fraction = (
            tf.TensorSpec((None,), tf.float32, name) for name in ("truncation", "fraction")
        )
        inputs = (
            (latents,),
            (seed,),
            (latents,),
            (seed, truncation),
            (from_seed, to_seed, fraction, truncation),
        )
        self.functions = {
            name: tf.function(getattr(self, f"_{name}"), input_signature=specs)
            for name, specs in zip(SIGNATURES, inputs)
        }

    def _serving_default(self, latents):
        return {"images": self._images(latents)}

    def _sample(self, seed):
        return {"images": self._images(self._latents(seed))}

    def _png(self, latents):
        return _encoded(self._images(latents))

    def _sample_png(self, seed, truncation):
        _check_lengths(seed, truncation)
        return _encoded(self._images(truncate(self._latents(seed), _column(truncation))))

    def _interpolate(self, from_seed, to_seed, fraction, truncation):
        _check_lengths(from_seed, to_seed, fraction, truncation)
        latents = spherical_interpolation(
            self._latents(from_seed), self._latents(to_seed), _column(fraction)
        )
        return _encoded(self._images(truncate(latents, _column(truncation))))

    def _latents(self, seeds):
        return latents_from_seeds(seeds, self._latent_dim)

    def _images_of(self, latents):
        whole = tf.reduce_all(tf.math.is_finite(latents), 1)
        images = self._frozen(tf.where(whole[:, None], latents, 0.0))
        # Latents far out may overflow on their way through the layers.
        whole &= tf.reduce_all(tf.math.is_finite(images), (1, 2, 3))
        pixels = tf.round((tf.clip_by_value(images, -1.0, 1.0) + 1.0) * 127.5)
        return tf.cast(tf.where(whole[:, None, None, None], pixels, 0.0), tf.uint8)


def _encoded(images):
    # The suffix _bytes makes TF Serving's REST answers base64.
    return {"png_bytes": tf.io.encode_png(images)}


def _column(factors):
    """Returns factors clipped to 0..1, as a column; what is no number stays none."""
    return tf.clip_by_value(factors, 0.0, 1.0)[:, None]


def _check_lengths(first, *others):
    """Refuses inputs of one row beside inputs of several, which would be spread out."""
    for other in others:
        tf.debugging.assert_equal(tf.size(first), tf.size(other), "inputs differ in length")
