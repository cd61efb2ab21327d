"""The exported generator: a SavedModel for TF Serving, proven and then published."""

import hashlib
import json
import os
import re
import shutil
import tempfile

import numpy as np
import tensorflow as tf

from tfgan_faces.errors import UserError
from tfgan_faces.files import sync_tree
from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.models.frozen import FrozenGenerator
from tfgan_faces.serving.verification import verify
from tfgan_faces.visuals.image_grid import to_uint8

# Half precision has 8 bits, a grey level of 1 in 256; a few layers add up to several.
_HALF_PRECISION_TOLERANCE = 24
_PROVENANCE = os.path.join("assets.extra", "provenance.json")


class ServedGenerator(tf.Module):
    """The generator's signatures, all batched along the first dimension.

    `serving_default` maps `latents`, float32 [batch, latent_dim], to `images`, uint8
    [batch, height, width, 3]; `sample` maps `seed`, int64 [batch], to `images`.

    Args:
        generator: functional Keras model in inference form.
    """

    def __init__(self, generator):
        super().__init__()
        frozen, latent_dim = FrozenGenerator(generator), generator.input_shape[-1]
        self.weights = frozen.variables

        @tf.function(input_signature=[tf.TensorSpec((None, latent_dim), tf.float32, "latents")])
        def serving_default(latents):
            images = tf.clip_by_value(frozen(latents), -1.0, 1.0)
            return {"images": tf.cast(tf.round((images + 1.0) * 127.5), tf.uint8)}

        @tf.function(input_signature=[tf.TensorSpec((None,), tf.int64, "seed")])
        def sample(seed):
            return serving_default(latents_from_seeds(seed, latent_dim))

        self.functions = {"serving_default": serving_default, "sample": sample}


def export(generator, export_dir, provenance):
    """Writes the next version of the served model, proves it, and publishes it in one rename.

    Args:
        generator: functional Keras model in inference form, its batch-norm statistics set.
        export_dir: folder of the numbered versions.
        provenance: JSON-able dict of what the model was made from, kept beside it together
            with the digest of its weights.

    Returns:
        The folder of the new version.

    Raises:
        UserError: the folder cannot be written to, or the model written does not give the
            images that the generator gives.
    """
    temporary = None
    try:
        os.makedirs(export_dir, exist_ok=True)
        temporary = tempfile.mkdtemp(prefix=".writing_", dir=export_dir)
        os.chmod(temporary, 0o755)  # TF Serving may be another user
        _write(generator, temporary, provenance)
        verify(temporary, _expected(generator), _tolerance(generator))
        sync_tree(temporary)
        return _publish(temporary, export_dir)
    except OSError as error:
        raise UserError(
            f"--export_dir: cannot write to {export_dir} ({error.strerror or error})."
        ) from error
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)


def newest_export(generator, export_dir):
    """Returns the folder of the newest version if it holds this generator, else None."""
    versions = _versions(export_dir)
    if not versions:
        return None
    newest = os.path.join(export_dir, str(versions[-1]))
    try:
        with open(os.path.join(newest, _PROVENANCE), encoding="utf-8") as file:
            exported = json.load(file)["weights"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return newest if exported == _digest(generator) else None


def _write(generator, folder, provenance):
    module = ServedGenerator(generator)
    tf.saved_model.save(module, folder, signatures=module.functions)
    path = os.path.join(folder, _PROVENANCE)
    os.makedirs(os.path.dirname(path))
    with open(path, "w", encoding="utf-8") as file:
        json.dump({**provenance, "weights": _digest(generator)}, file, indent=2)


def _expected(generator):
    """What each signature must give: dict of name to input name, input, images."""
    latent_dim = generator.input_shape[-1]
    latents = np.random.default_rng(0).standard_normal((5, latent_dim)).astype(np.float32)
    seeds = np.array([0, 1, 2**40], np.int64)
    of_seeds = latents_from_seeds(tf.constant(seeds), latent_dim)
    return {
        "serving_default": ("latents", latents, _images(generator, latents)),
        "sample": ("seed", seeds, _images(generator, of_seeds)),
    }


def _tolerance(generator):
    """Grey levels between the served images and the generator's: rounding, and batch norm's."""
    whole = all(layer.compute_dtype == "float32" for layer in generator.layers)
    return 1 if whole else _HALF_PRECISION_TOLERANCE


def _images(generator, latents):
    return to_uint8(generator(latents, training=False).numpy())


def _digest(generator):
    precisions = [layer.compute_dtype for layer in generator.layers]
    digest = hashlib.sha256(" ".join(precisions).encode())
    for weights in generator.get_weights():
        digest.update(np.ascontiguousarray(weights))
    return digest.hexdigest()


def _publish(temporary, export_dir):
    while True:
        version = max(_versions(export_dir), default=0) + 1
        target = os.path.join(export_dir, str(version))
        try:
            os.rename(temporary, target)
            return target
        except OSError:
            if not os.path.exists(target):  # else another export was faster: the next number
                raise


def _versions(export_dir):
    names = os.listdir(export_dir) if os.path.isdir(export_dir) else []
    return sorted(int(name) for name in names if re.fullmatch(r"\d+", name))
