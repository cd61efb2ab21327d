"""Exports a generator to LiteRT (formerly TensorFlow Lite), for phones."""

import tensorflow as tf

from tfgan_faces.serving.formats.folder import written_folder
from tfgan_faces.serving.formats.graphs import FROM_LATENTS, expected_images, image_functions
from tfgan_faces.serving.verification import FORMATS_SCRIPT, TOLERANCES, verify


def export(generator, output, card, options):
    """Writes `images_from_latents.tflite`, see `formats.export`.

    LiteRT has no 64-bit operations for the noise of a seed.
    """
    function = image_functions(generator)[FROM_LATENTS]
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [function.get_concrete_function()], tf.Module()
    )
    if options.weights == "float16":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    name = f"{FROM_LATENTS}.tflite"
    with written_folder(output, card) as folder:
        (folder / name).write_bytes(converter.convert())
        expected = {FROM_LATENTS: expected_images(generator)[FROM_LATENTS]}
        verify(folder, expected, TOLERANCES[options.weights], FORMATS_SCRIPT)
    return [name]
