"""The exported generator: a SavedModel for TF Serving, proven and then published."""

import hashlib
import json
import os

import numpy as np
import tensorflow as tf

from tfgan_faces.serving import warmup as warming
from tfgan_faces.serving.examples import example_requests, requested_latents
from tfgan_faces.serving.model_card import MODEL_CARD, write_model_card
from tfgan_faces.serving.publishing import newest_version, publish
from tfgan_faces.serving.signatures import ServedGenerator
from tfgan_faces.serving.verification import verify
from tfgan_faces.visuals.image_grid import to_uint8

# bfloat16 has 8 bits, a grey level of 1 in 256; a few layers add up to several.
_TOLERANCES = {"float32": 1, "float16": 4, "bfloat16": 24}
_CHECKED_ROWS = 7


def export(generator, export_dir, card, weights="float32", warmup="auto", keep_versions=5):
    """Writes the next version of the served model, proves it, and publishes it in one rename.

    Args:
        generator: functional Keras model in inference form, its batch-norm statistics set.
        export_dir: folder of the numbered versions.
        card: JSON-able dict of what the model was made from, see `model_card`. It is kept in
            the version's `assets` together with the digest of its weights.
        weights: `"float32"`, or `"float16"`, which halves the file.
        warmup: `"on"`, `"off"`, or `"auto"`: on where tensorflow-serving-api is installed.
        keep_versions: int, the number of newest versions that stay.

    Returns:
        The folder of the new version.

    Raises:
        UserError: the folder cannot be written to, the model written does not give the
            images that the generator gives, or warm-up is asked for in vain.
    """
    warmed = warming.is_wanted(warmup)

    def write(folder):
        module = ServedGenerator(generator, weights)
        tf.saved_model.save(module, folder, signatures=module.functions)
        if warmed:
            warming.write_warmup(folder, generator.input_shape[-1])
        kept = {"weights": _digest(generator, weights), "warm_up": warmed}
        write_model_card(folder, {**card, **kept})
        verify(folder, _expected(generator), _tolerance(generator, weights))

    return publish(write, export_dir, keep_versions)


def newest_export(generator, export_dir, weights="float32", warmup="auto"):
    """Returns the folder of the newest version if `export` would write the same, else None."""
    newest = newest_version(export_dir)
    try:
        with open(os.path.join(newest or "", MODEL_CARD), encoding="utf-8") as file:
            card = json.load(file)
        exported = card["weights"], card["warm_up"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    same = exported == (_digest(generator, weights), warming.is_wanted(warmup))
    return newest if same else None


def folder_size(folder):
    """Returns the bytes of all files below a folder."""
    return sum(
        os.path.getsize(os.path.join(parent, name))
        for parent, _, names in os.walk(folder)
        for name in names
    )


def _expected(generator):
    """What each signature must give: dict of name to inputs and images."""
    # The check's process computes on the CPU, too. A GPU may round float32 to the 10 bits of TF32
    # and differ by more than a grey level. Switching TF32 off is not enough: a kernel that was
    # chosen before, for the same shapes, may need it.
    with tf.device("CPU:0"):
        return _expected_here(generator)


def _expected_here(generator):
    latent_dim = generator.input_shape[-1]
    requests = example_requests(latent_dim, _CHECKED_ROWS)
    expected = {
        name: (inputs, _images(generator, requested_latents(inputs, latent_dim)))
        for name, inputs in requests.items()
    }
    latents, images = expected["serving_default"]
    broken = latents["latents"].copy()
    broken[-1, 0] = np.nan  # gives black, and leaves its neighbours alone
    expected["serving_default"] = {"latents": broken}, np.concatenate([images[:-1], 0 * images[:1]])
    return expected


def _tolerance(generator, weights):
    """Grey levels between the served images and the generator's: rounding, and batch norm's."""
    dtypes = {weights, *(layer.compute_dtype for layer in generator.layers)}
    return max(_TOLERANCES[dtype] for dtype in dtypes)


def _images(generator, latents):
    return to_uint8(generator(latents, training=False).numpy())


def _digest(generator, weights):
    precisions = [weights, *(layer.compute_dtype for layer in generator.layers)]
    digest = hashlib.sha256(" ".join(precisions).encode())
    for values in generator.get_weights():
        digest.update(np.ascontiguousarray(values))
    return digest.hexdigest()
