"""Fetches ONNX Runtime's files for browsers from npm, and keeps them."""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from tfgan_faces.errors import UserError
from tfgan_faces.storage.files import write_atomic
from tfgan_faces.storage.paths import check_mounted, check_writable

VERSION = "1.30.0"
_FILE = f"onnxruntime-web-{VERSION}.tgz"
_SHA512 = (  # as npm's registry lists it
    "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
)
_SCRIPT, _RUNTIME = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"


def onnxruntime_web(cache_dir):
    """Returns the JavaScript module, a str, and the WebAssembly runtime, bytes.

    Args:
        cache_dir: local folder that keeps the package.

    Raises:
        UserError: the folder is in an object store, npm is missing, or the package cannot be
            fetched or is not the expected one.
    """
    check_mounted("--cache_dir", cache_dir)
    path = Path(cache_dir) / _FILE
    if not path.exists():
        _fetch(path)
    if base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode() != _SHA512:
        raise UserError(f"--format=page: {path} is not the file of npm; remove it and try again.")
    with tarfile.open(path) as package:
        script, runtime = (
            package.extractfile(f"package/dist/{name}").read() for name in (_SCRIPT, _RUNTIME)
        )
    return script.decode(), runtime


def _fetch(path):
    if shutil.which("npm") is None:
        raise UserError(
            f"--format=page needs npm to fetch onnxruntime-web {VERSION}; install Node.js, or put "
            f"{_FILE} of npm's registry into {path.parent}."
        )
    check_writable("--cache_dir", str(path.parent))
    with tempfile.TemporaryDirectory() as scratch:
        command = ["npm", "pack", f"onnxruntime-web@{VERSION}"]
        completed = subprocess.run(
            command, cwd=scratch, capture_output=True, text=True, check=False
        )
        if completed.returncode:
            raise UserError(
                f"--format=page: {' '.join(command)} failed: {_reason(completed.stderr)}"
            )
        write_atomic(path, (Path(scratch) / _FILE).read_bytes())


def _reason(errors):
    """Returns what npm says about a failure, without codes and the place of its log."""
    lines = [line.removeprefix("npm error ") for line in errors.splitlines()]
    said = [line for line in lines if line and not line.startswith(("code", "errno", "A complete"))]
    return said[0] if said else "no message"
