"""Verifies a SavedModel in a separate process that loads it as TF Serving does."""

import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

from tfgan_faces.errors import UserError
from tfgan_faces.storage.paths import without_patterns

_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "verify_saved_model.py")


def verify(folder, expected, tolerance=1):
    """Compares the images of a SavedModel's signatures with the expected ones.

    Args:
        folder: the SavedModel's folder.
        expected: dict of signature to (dict of input name to array, uint8 images).
        tolerance: int, the maximum difference in grey levels.

    Raises:
        UserError: the model cannot be loaded without this package, an image differs by
            more than `tolerance`, or a warm-up record fails.
    """
    arrays = {
        f"{signature}/{part}": values
        for signature, (inputs, images) in expected.items()
        for part, values in (
            *((f"input/{name}", values) for name, values in inputs.items()),
            ("images", images),
        )
    }
    with tempfile.TemporaryDirectory() as scratch, without_patterns(folder) as model:
        path = os.path.join(scratch, "expected.npz")
        np.savez(path, **arrays)
        # A copy, because Python adds a script's folder to the module search path.
        script = shutil.copy(_SCRIPT, scratch)
        completed = subprocess.run(
            [sys.executable, script, model, path, str(tolerance)],
            cwd=scratch,
            # On the CPU, because the parent process may hold all of a GPU's memory.
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
            capture_output=True,
            text=True,
            check=False,
        )
    if completed.returncode:
        reason = (completed.stderr.strip().splitlines() or ["no message"])[-1]
        raise UserError(f"The exported model failed verification and was not published: {reason}")
