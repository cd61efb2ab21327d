"""The exported generator: a SavedModel for TF Serving, proven and then published."""

import json
import os
import re
import shutil

import numpy as np
import tensorflow as tf

from tfgan_faces.errors import UserError
from tfgan_faces.files import sync_tree
from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.serving.verification import verify

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
        # The variables alone: with the Keras model, its layers' classes would be saved too.
        self.weights = [variable.value for variable in generator.variables]
        latent_dim = generator.input_shape[-1]

        @tf.function(input_signature=[tf.TensorSpec((None, latent_dim), tf.float32, "latents")])
        def serving_default(latents):
            images = tf.clip_by_value(generator(latents, training=False), -1.0, 1.0)
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
        provenance: JSON-able dict of what the model was made from, kept beside it.

    Returns:
        The folder of the version: a new one, or the newest when it has this provenance.

    Raises:
        UserError: the folder cannot be written to, or the model written does not give the
            images that the generator gives.
    """
    newest = _versions(export_dir)[-1:]
    if newest and _provenance(os.path.join(export_dir, str(newest[0]))) == provenance:
        return os.path.join(export_dir, str(newest[0]))
    temporary = os.path.join(export_dir, f".writing_{os.getpid()}")
    try:
        os.makedirs(temporary)
        _write(generator, temporary, provenance)
        verify(temporary, _expected(generator))
        sync_tree(temporary)
        return _publish(temporary, export_dir)
    except OSError as error:
        raise UserError(
            f"--export_dir: cannot write to {export_dir} ({error.strerror or error})."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write(generator, folder, provenance):
    module = ServedGenerator(generator)
    tf.saved_model.save(module, folder, signatures=module.functions)
    path = os.path.join(folder, _PROVENANCE)
    os.makedirs(os.path.dirname(path))
    with open(path, "w", encoding="utf-8") as file:
        json.dump(provenance, file, indent=2)


def _expected(generator):
    """What each signature must give: dict of name to input name, input, images."""
    module = ServedGenerator(generator)
    rng = np.random.default_rng(0)
    latents = rng.standard_normal((5, generator.input_shape[-1])).astype(np.float32)
    inputs = {
        "serving_default": ("latents", latents),
        "sample": ("seed", np.array([0, 1, 2**40], np.int64)),
    }
    return {
        name: (key, value, module.functions[name](tf.constant(value))["images"].numpy())
        for name, (key, value) in inputs.items()
    }


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


def _provenance(version_dir):
    try:
        with open(os.path.join(version_dir, _PROVENANCE), encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None
