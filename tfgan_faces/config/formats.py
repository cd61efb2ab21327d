"""Facts about the formats that `--mode=export` writes.

To add a format, add a row here and a module in `serving/formats/` with a function `export`.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Format:
    """What the command line needs to know about a format.

    Attributes:
        halves: whether it can store float16 weights.
        extra: str, the extra of this package that it needs, or None.
    """

    halves: bool = True
    extra: str | None = None


SAVED_MODEL = "savedmodel"
FORMATS = {
    SAVED_MODEL: Format(),
    "onnx": Format(extra="onnx"),
    "litert": Format(extra="litert"),
    "keras": Format(halves=False),
    "hub": Format(halves=False),
    "page": Format(extra="onnx"),
}
