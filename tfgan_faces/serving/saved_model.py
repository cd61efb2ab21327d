"""Exports the generator as a SavedModel for TF Serving, and verifies it before publishing."""

import hashlib
import json
import os

import numpy as np
import tensorflow as tf

from tfgan_faces.layers.label_from_noise import label_layer
from tfgan_faces.serving import warmup as warmup_requests
from tfgan_faces.serving.model_card import MODEL_CARD, write_model_card
from tfgan_faces.serving.publishing import newest_version, publish
from tfgan_faces.serving.signatures import (
    ServedGenerator,
    example_requests,
    requested_latents,
    signatures_of,
)
from tfgan_faces.serving.verification import TOLERANCES, verifier
from tfgan_faces.visuals.image_grid import to_uint8

_CHECKED_ROWS = 7


def export(
    generator, export_dir, card, weights="float32", warmup="auto", keep_versions=5, mark=None
):
    """Writes the next version of the served model, verifies it, and publishes it atomically.

    Args:
        generator: functional Keras model for inference, with its batch-norm statistics set.
        export_dir: folder of the numbered versions.
        card: JSON-serializable dict that describes the model, see `model_card`. It is stored in
            the version's `assets` with the digest of the weights.
        weights: `"float32"`, or `"float16"`, which halves the file size.
        warmup: `"on"`, `"off"`, or `"auto"`: on if tensorflow-serving-api is installed.
        keep_versions: int, the number of newest versions to keep.
        mark: `SyntheticMark` of the PNGs that the signatures return, or None.

    Returns:
        The folder of the new version.

    Raises:
        UserError: the folder cannot be written to, the written model does not return the
            generator's images, or `warmup` is `"on"` without tensorflow-serving-api.
    """
    has_warmup = warmup_requests.is_wanted(warmup)

    def write(folder):
        write_saved_model(generator, folder, card, weights, has_warmup, mark)

    return publish(write, export_dir, keep_versions)


def write_saved_model(generator, folder, card, weights="float32", has_warmup=False, mark=None):
    """Writes a SavedModel with its card into a folder, and verifies it.

    Args:
        folder: str, the SavedModel's folder.
        has_warmup: whether to write warm-up requests.
        generator, card, weights, mark: see `export`.

    Raises:
        UserError: the written model does not return the generator's images.
    """
    with verifier() as check:
        module = ServedGenerator(generator, weights, mark)
        tf.saved_model.save(module, folder, signatures=module.functions)
        if has_warmup:
            warmup_requests.write_warmup(folder, generator)
        details = {
            "weights": _digest(generator, weights),
            "warm_up": has_warmup,
            "marked": mark is not None,
        }
        write_model_card(folder, {**card, **details})
        check(folder, _expected(generator), _tolerance(generator, weights))


def newest_export(generator, export_dir, weights="float32", warmup="auto", mark=None):
    """Returns the newest version's folder if `export` would write the same model, else None."""
    newest = newest_version(export_dir)
    try:
        with open(os.path.join(newest or "", MODEL_CARD), encoding="utf-8") as file:
            card = json.load(file)
        exported = card["weights"], card["warm_up"], card.get("marked", False)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    wanted = _digest(generator, weights), warmup_requests.is_wanted(warmup), mark is not None
    return newest if exported == wanted else None


def folder_size(folder):
    """Returns the total size of all files below a folder, in bytes."""
    return sum(
        os.path.getsize(os.path.join(parent, name))
        for parent, _, names in os.walk(folder)
        for name in names
    )


def _expected(generator):
    """Returns dict of signature to (inputs, images), the images that it must return."""
    # The verification runs on the CPU, too. A GPU may round float32 to the 10 bits of TF32, and
    # differ by more than a grey level. Disabling TF32 is not enough: a kernel that was selected
    # earlier for the same shapes may need it.
    with tf.device("CPU:0"):
        return _expected_on_device(generator)


def _expected_on_device(generator):
    signatures = signatures_of(generator)
    expected = {}
    for name, inputs in example_requests(generator, _CHECKED_ROWS).items():
        tensors = [tf.constant(inputs[key]) for key in signatures[name].inputs]
        latents = requested_latents(generator, signatures[name], tensors)
        expected[name] = inputs, _images(generator, latents)
    latents, images = expected["serving_default"]
    broken = latents["latents"].copy()
    broken[-1, 0] = np.nan  # a black image that must not affect the other rows
    expected["serving_default"] = {"latents": broken}, np.concatenate([images[:-1], 0 * images[:1]])
    return expected


def _tolerance(generator, weights):
    """Returns the maximum difference in grey levels, due to rounding by layers and batch norm."""
    dtypes = {weights, *(layer.compute_dtype for layer in generator.layers)}
    return max(TOLERANCES[dtype] for dtype in dtypes)


def _images(generator, latents):
    return to_uint8(generator(latents, training=False).numpy())


def _digest(generator, weights):
    precisions = [weights, *(layer.compute_dtype for layer in generator.layers)]
    layer = label_layer(generator)
    if layer:
        precisions.append(f"{layer.names} {layer.shares} {layer.label}")
    digest = hashlib.sha256(" ".join(precisions).encode())
    for values in generator.get_weights():
        digest.update(np.ascontiguousarray(values))
    return digest.hexdigest()
