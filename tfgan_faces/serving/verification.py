"""Verifies an exported generator in a separate process, with the runtime that will load it."""

import contextlib
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np

from tfgan_faces.errors import UserError
from tfgan_faces.storage.paths import without_patterns

# In grey levels. bfloat16 has 8 bits, so one rounding is a level in 256. Layers add up to several.
TOLERANCES = {"float32": 1, "float16": 4, "bfloat16": 24}
_HERE = pathlib.Path(__file__).parent.resolve()
SAVED_MODEL_SCRIPT, FORMATS_SCRIPT = _HERE / "verify_saved_model.py", _HERE / "verify_formats.py"


def verify(folder, expected, tolerance=1, script=SAVED_MODEL_SCRIPT):
    """Compares the images of an exported generator with the expected ones.

    Args:
        folder: the folder of the SavedModel, or of the files of other formats.
        expected: dict of signature or file name to (dict of input name to array, uint8 images).
        tolerance: int, the maximum difference in grey levels.
        script: path of the script that loads the generator.

    Raises:
        UserError: the generator cannot be loaded, an image differs by more than `tolerance`, or a
            warm-up record fails. A SavedModel must load without this package.
    """
    with verifier(script) as check:
        check(folder, expected, tolerance)


@contextlib.contextmanager
def verifier(script=SAVED_MODEL_SCRIPT):
    """Yields a function like `verify`, to be called once, whose process is running already.

    The process takes seconds to import TensorFlow. Meanwhile the caller can write the files.

    Args:
        script: see `verify`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        # A copy, because Python adds a script's folder to the module search path.
        copy = shutil.copy(script, scratch)
        process = subprocess.Popen(
            [sys.executable, copy],
            cwd=scratch,
            # On the CPU, because the parent process may hold all of a GPU's memory.
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield functools.partial(_check, process, scratch)
            finally:
                process.kill()  # unless it has ended


def _check(process, scratch, folder, expected, tolerance=1):
    arrays = {
        f"{signature}/{part}": values
        for signature, (inputs, images) in expected.items()
        for part, values in (
            *((f"input/{name}", values) for name, values in inputs.items()),
            ("images", images),
        )
    }
    path = os.path.join(scratch, "expected.npz")
    np.savez(path, **arrays)
    with without_patterns(folder) as model:
        _, errors = process.communicate(json.dumps([model, path, tolerance]))
    if process.returncode:
        reason = (errors.strip().splitlines() or ["no message"])[-1]
        raise UserError(f"The exported model failed verification and was not published: {reason}")
