"""oneDNN's kernels for TensorFlow, on every x86 processor.

TensorFlow uses them by default only on processors with instructions for small integers or
bfloat16. On all others, such as AMD's before Zen 4, its own convolutions take 1.5 to 2 times as
long as oneDNN's for AVX2 (docs/speed.md).
"""

import logging
import os
import sys

from tfgan_faces.machine.processor import instruction_sets

_VARIABLE = "TF_ENABLE_ONEDNN_OPTS"
# With any of these TensorFlow turns oneDNN on by itself.
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
    """Turns oneDNN on, unless the environment decides otherwise.

    TensorFlow reads the variable once, when it is imported. Where that has happened already, a
    warning says what is lost.

    Args:
        environment: mapping of environment variables; a value that is set stays.
        modules: mapping of the modules that have been imported.
        flags: set of str, the processor's instruction sets; by default this machine's.
    """
    if _VARIABLE in environment:
        return
    environment[_VARIABLE] = "1"
    flags = instruction_sets() if flags is None else flags
    if "tensorflow" in modules and "avx2" in flags and not flags & _ON_BY_DEFAULT:
        _logger.warning(
            "TensorFlow was imported before tfgan_faces, and leaves oneDNN off on this processor: "
            "training takes 1.5 to 2 times as long. Import tfgan_faces first, or set %s=1.",
            _VARIABLE,
        )
