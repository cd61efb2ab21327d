"""Proves a SavedModel in a process of its own, the way TF Serving loads it."""

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
    """Compares a SavedModel's signatures with what they must give.

    Args:
        folder: the SavedModel's folder.
        expected: dict of signature to (dict of input name to array, uint8 images).
        tolerance: int, grey levels.

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
        # A copy: Python puts a script's own folder among those that modules come from.
        script = shutil.copy(_SCRIPT, scratch)
        done = subprocess.run(
            [sys.executable, script, model, path, str(tolerance)],
            cwd=scratch,
            # On the CPU: the parent may hold all of a GPU's memory.
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise UserError(f"The exported model failed its check and was not published: {last}")
