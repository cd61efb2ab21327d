"""Formats other than the SavedModel, in which a generator runs without TensorFlow.

Each module has a function `export` with the same arguments. It writes a folder, verifies its files
with the format's own runtime in a new process, and only then gives the folder its name.
"""

import dataclasses
import importlib
import importlib.util

from tfgan_faces.config.formats import FORMATS
from tfgan_faces.errors import UserError
from tfgan_faces.visuals.synthetic_mark import SyntheticMark


@dataclasses.dataclass(frozen=True)
class Options:
    """How a generator is written.

    Attributes:
        weights: `"float32"`, or `"float16"`, which halves the size of the files.
        mark: `SyntheticMark` of pictures that the exported program writes, or None.
        cache_dir: local folder for downloaded programs, needed for a page only.
    """

    weights: str = "float32"
    mark: SyntheticMark | None = None
    cache_dir: str | None = None


def export(format_name, generator, output, card, options=Options()):  # noqa: B008 - immutable
    """Writes a generator in a format of `config/formats.py`, verified and published whole.

    Args:
        format_name: str, such as `"onnx"`.
        generator: functional Keras model for inference, with float32 layers.
        output: folder to write. An earlier export in it is replaced.
        card: JSON-serialisable dict that describes the model, see `model_card`.
        options: `Options`.

    Returns:
        The names of the written files, relative to the folder.

    Raises:
        UserError: the format's converter is not installed, the folder contains something else, or
            the written files do not return the generator's images.
    """
    facts = FORMATS[format_name]
    if any(importlib.util.find_spec(module) is None for module in facts.modules):
        raise UserError(
            f"--format={format_name} needs the extra {facts.extra}: "
            f"pip install 'tfgan_faces[{facts.extra}]'."
        )
    module = importlib.import_module(f"{__name__}.{format_name}_format")
    return module.export(generator, output, card, options)
