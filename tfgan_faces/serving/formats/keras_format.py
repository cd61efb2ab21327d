"""Exports a generator as a Keras model, to train on or to change."""

import os

from tfgan_faces.serving.formats.folder import written_folder
from tfgan_faces.serving.formats.graphs import FROM_LATENTS, expected_images
from tfgan_faces.serving.verification import FORMATS_SCRIPT, TOLERANCES, verify


def export(generator, output, card, options):
    """Writes `images_from_latents.keras`, see `formats.export`.

    The model returns float32 images in -1..1. To load it, import `tfgan_faces.layers` before.
    """
    name = f"{FROM_LATENTS}.keras"
    with written_folder(output, card) as folder:
        generator.save(os.fspath(folder / name))
        expected = {FROM_LATENTS: expected_images(generator)[FROM_LATENTS]}
        verify(folder, expected, TOLERANCES[options.weights], FORMATS_SCRIPT)
    return [name]
