"""Facts about the formats that `--mode=export` writes.

To add a format, add a row here and a module in `serving/formats/` with a function `export`.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Format:
    """What the command line needs to know about a format.

    Attributes:
        weights: tuple of str, the formats of the weights that it can store.
        extra: str, the extra of this package that it needs, or None.
        modules: tuple of str, the modules that come with the extra.
    """

    weights: tuple = ("float32",)
    extra: str | None = None
    modules: tuple = ()


SAVED_MODEL = "savedmodel"
_BOTH = ("float32", "float16")
_ONNX = {"extra": "onnx", "modules": ("tf2onnx", "onnx", "onnxruntime")}
FORMATS = {
    SAVED_MODEL: Format(_BOTH),
    "onnx": Format(_BOTH, **_ONNX),
    "litert": Format(_BOTH, "litert", ("ai_edge_litert",)),
    "keras": Format(),
    "hub": Format(),
    "page": Format(("float16",), **_ONNX),
}
