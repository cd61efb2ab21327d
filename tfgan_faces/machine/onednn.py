"""Enables oneDNN's kernels for TensorFlow on every x86 processor.

By default, TensorFlow uses them only on processors with instructions for small integers or
bfloat16. On all others, such as AMD processors before Zen 4, TensorFlow's own convolutions take
1.5 to 2 times as long as those of oneDNN for AVX2 (docs/speed.md).
"""

import logging
import os
import sys

from tfgan_faces.machine.processor import instruction_sets

_VARIABLE = "TF_ENABLE_ONEDNN_OPTS"
# With any of these, TensorFlow enables oneDNN by default.
_ON_BY_DEFAULT = {
    "avx512_vnni",
    "avx512_bf16",
    "avx_vnni",
    "amx_tile",
    "amx_int8",
    "amx_bf16",
}

_logger = logging.getLogger(__name__)


def enable(environment=os.environ, modules=sys.modules, flags=None):
    """Enables oneDNN unless its environment variable is already set.

    TensorFlow reads the variable once, when it is imported. If it has already been imported, a
    warning reports the slowdown.

    Args:
        environment: mapping of environment variables; an existing value is kept.
        modules: mapping of the modules that have been imported.
        flags: set of str, the processor's instruction sets; this machine's by default.
    """
    if _VARIABLE in environment:
        return
    environment[_VARIABLE] = "1"
    flags = instruction_sets() if flags is None else flags
    if "tensorflow" in modules and "avx2" in flags and not flags & _ON_BY_DEFAULT:
        _logger.warning(
            "TensorFlow was imported before tfgan_faces, so oneDNN is disabled on this processor: "
            "training takes 1.5 to 2 times as long. Import tfgan_faces first, or set %s=1.",
            _VARIABLE,
        )
