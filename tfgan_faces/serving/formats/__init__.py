"""Formats other than the SavedModel, in which a generator runs without TensorFlow.

Each module has a function `export` with the same arguments. It writes a folder, verifies its files
with the format's own runtime in a new process, and only then gives the folder its name.
"""

import importlib


def export(format_name, generator, output, card, weights="float32"):
    """Writes a generator in a format of `config/formats.py`, verified and published whole.

    Args:
        format_name: str, such as `"onnx"`.
        generator: functional Keras model for inference, with float32 layers.
        output: folder to write. An earlier export in it is replaced.
        card: JSON-serialisable dict that describes the model, see `model_card`.
        weights: `"float32"`, or `"float16"`, which halves the size of the files.

    Returns:
        The names of the written files, relative to the folder.

    Raises:
        UserError: the format's converter is not installed, the folder contains something else, or
            the written files do not return the generator's images.
    """
    module = importlib.import_module(f"{__name__}.{format_name}_format")
    return module.export(generator, output, card, weights)
