"""The signatures through which TF Serving calls the generator.

To add a signature, add a function and an entry of `SIGNATURES`. Its checks, its warm-up requests
and its description for clients follow from them. A generator with labels has `LABEL_SIGNATURES`,
too, and `labels`, which returns their names.
"""

import collections.abc
import dataclasses

import numpy as np
import tensorflow as tf

from tfgan_faces.latents import latents_from_seeds, spherical_interpolation, truncate
from tfgan_faces.layers.label_from_noise import label_layer
from tfgan_faces.models.frozen import FrozenGenerator
from tfgan_faces.serving.conventions import MAX_ROWS
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
        inputs: tuple of str, names in `input_specs`. If the last one is `label`, the latents get
            these labels.
        latents: function of the latent length and the other inputs to latents
            [batch, latent_dim].
        encodes: whether the output is `png_bytes`, string [batch], instead of `images`, uint8
            [batch, height, width, 3].
    """

    inputs: tuple
    latents: collections.abc.Callable
    encodes: bool = False


_SEED_AND_TRUNCATION = ("seed", "truncation")
_INTERPOLATION = ("from_seed", "to_seed", "fraction", "truncation")
SIGNATURES = {
    "serving_default": Signature(("latents",), _latents),
    "sample": Signature(("seed",), _of_seed),
    "png": Signature(("latents",), _latents, encodes=True),
    "sample_png": Signature(_SEED_AND_TRUNCATION, _of_truncated_seed, encodes=True),
    "interpolate": Signature(_INTERPOLATION, _between_seeds, encodes=True),
}
LABEL_SIGNATURES = {
    "sample_label": Signature((*_SEED_AND_TRUNCATION, "label"), _of_truncated_seed, encodes=True),
    "interpolate_label": Signature((*_INTERPOLATION, "label"), _between_seeds, encodes=True),
}
LABELS = "labels"


def signatures_of(generator):
    """Returns the signatures of a generator that return images: dict of name to `Signature`."""
    layer = label_layer(generator)
    return {**SIGNATURES, **(LABEL_SIGNATURES if layer and layer.label is None else {})}


def requested_latents(generator, signature, inputs):
    """Returns the latents of a request, [batch, latent_dim].

    Args:
        generator: Keras model.
        signature: `Signature`.
        inputs: list of tensors, one for each of its inputs.
    """
    latent_dim = generator.input_shape[-1]
    if signature.inputs[-1] != "label":
        return signature.latents(latent_dim, *inputs)
    _check_lengths(*inputs)
    *others, label = inputs
    latents, layer = signature.latents(latent_dim, *others), label_layer(generator)
    last = len(layer.names) - 1
    latents = layer.chosen(latents, tf.clip_by_value(label, 0, last))
    is_label = (label >= 0) & (label <= last)
    return tf.where(is_label[:, None], latents, np.nan)  # a black image


def input_specs(latent_dim):
    """Returns the `tf.TensorSpec` of every input that a signature may have, by name."""
    specs = [tf.TensorSpec((None, latent_dim), tf.float32, "latents")]
    names = ("seed", "from_seed", "to_seed", "label", "index")
    specs += [tf.TensorSpec((None,), tf.int64, name) for name in names]
    specs += [tf.TensorSpec((None,), tf.float32, name) for name in ("truncation", "fraction")]
    return {spec.name: spec for spec in specs}


def example_requests(generator, count):
    """Returns inputs for every signature that returns images, for checks and warm-up.

    Args:
        generator: Keras model.
        count: int, number of rows of each input.

    Returns:
        Dict of signature to dict of input name to array.
    """
    latent_dim, layer = generator.input_shape[-1], label_layer(generator)
    seeds = np.arange(count, dtype=np.int64) ** 9  # some exceed 32 bits
    examples = {
        "latents": np.random.default_rng(0).standard_normal((count, latent_dim)).astype(np.float32),
        "seed": seeds,
        "from_seed": seeds,
        "to_seed": seeds[::-1].copy(),
        "fraction": np.linspace(0.0, 1.0, count, dtype=np.float32),
        "truncation": np.linspace(1.0, 0.5, count, dtype=np.float32),
        "label": np.arange(count, dtype=np.int64) % (len(layer.names) if layer else 1),
    }
    return {
        name: {key: examples[key] for key in signature.inputs}
        for name, signature in signatures_of(generator).items()
    }


class ServedGenerator(tf.Module):
    """The generator with the signatures of `signatures_of`, and with labels that of their names.

    TF Serving merges requests of different clients into one batch. So every input and output is
    batched, and no value is an error: truncation and fraction are clipped to 0..1, and a row with
    a number that is not finite, or with an unknown label, gives a black image and does not affect
    other rows. Wrong shapes and types, and more than `MAX_ROWS` rows, are INVALID_ARGUMENT.
    Requests that TF Serving merged with one of wrong shape fail with it, before the model is
    called.

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
        specs, signatures = input_specs(generator.input_shape[-1]), signatures_of(generator)
        # All signatures call this one function, so that the file contains the weights once.
        self._images = tf.function(self._images_of, input_signature=(specs["latents"],))
        self.functions = {
            name: tf.function(
                self._function(generator, signature),
                input_signature=[specs[key] for key in signature.inputs],
            )
            for name, signature in signatures.items()
        }
        if len(signatures) > len(SIGNATURES):
            names = label_layer(generator).names
            self.functions[LABELS] = tf.function(
                _looking_up(names), input_signature=[specs["index"]]
            )

    # The generator is no attribute, because then its variables would be saved, too.
    def _function(self, generator, signature):
        def answer(*inputs):
            images = self._images(requested_latents(generator, signature, inputs))
            if not signature.encodes:
                return {"images": images}
            png = tf.io.encode_png(images)
            if self._mark:
                png = marked(png, self._mark, dict(zip(signature.inputs, inputs)).get("seed"))
            # The suffix _bytes makes TF Serving's REST API encode the output as base64.
            return {"png_bytes": png}

        return answer

    def _images_of(self, latents):
        rows = tf.shape(latents)[0]
        few = tf.debugging.assert_less_equal(rows, MAX_ROWS, f"more than {MAX_ROWS} rows")
        with tf.control_dependencies([few]):  # otherwise the network would run at the same time
            latents = tf.identity(latents)
        finite = tf.reduce_all(tf.math.is_finite(latents), 1)
        images = self._frozen(tf.where(finite[:, None], latents, 0.0))
        # Large latents may overflow in the layers.
        finite &= tf.reduce_all(tf.math.is_finite(images), (1, 2, 3))
        pixels = tf.round((tf.clip_by_value(images, -1.0, 1.0) + 1.0) * 127.5)
        return tf.cast(tf.where(finite[:, None, None, None], pixels, 0.0), tf.uint8)


def _looking_up(names):
    """Returns a function from indices of labels to their names; others have an empty name."""

    def answer(index):
        is_label = (index >= 0) & (index < len(names))
        return {"names": tf.gather(tf.constant(["", *names]), tf.where(is_label, index + 1, 0))}

    return answer


def _column(factors):
    """Returns factors clipped to 0..1, as a column; NaN stays NaN."""
    return tf.clip_by_value(factors, 0.0, 1.0)[:, None]


def _check_lengths(first, *others):
    """Asserts that all inputs have the same length; otherwise single rows would be broadcast."""
    for other in others:
        tf.debugging.assert_equal(tf.size(first), tf.size(other), "inputs differ in length")
