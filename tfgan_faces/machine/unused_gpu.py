"""An NVIDIA card that TensorFlow makes no use of, and what to do about it."""

import os
from pathlib import Path

ADVICE = (
    "This machine has an NVIDIA card, but TensorFlow finds no GPU, so the CPU computes. On Linux "
    "or in WSL2, pip install '.[cuda]' in this project's folder installs what TensorFlow needs; "
    "the command nvidia-smi must list the card."
)
_SIGNS = ("proc/driver/nvidia/version", "proc/driver/nvidia/gpus", "dev/nvidia0")
_CUDA_NAMES = ("GPU-", "MIG-")


def unused_gpu(gpus, environment=None, root="/"):
    """Returns a sentence of advice where a card is present, not used and not hidden, or None.

    Args:
        gpus: list of the GPUs that TensorFlow finds.
        environment: dict of environment variables, by default this process's.
        root: folder of `proc`, `dev` and `usr`.
    """
    environment = os.environ if environment is None else environment
    if gpus or _hides_all(environment.get("CUDA_VISIBLE_DEVICES")):
        return None
    return ADVICE if _has_card(Path(root)) else None


def _hides_all(visible):
    """Whether a value of CUDA_VISIBLE_DEVICES hides every card: CUDA reads it up to an unknown."""
    if visible is None:
        return False
    first = visible.split(",")[0].strip()
    return not (first.isdecimal() or first.startswith(_CUDA_NAMES))


def _has_card(root):
    return any((root / sign).exists() for sign in _SIGNS) or _has_card_of_windows(root)


def _has_card_of_windows(root):
    """Whether WSL2 passes on a GPU, and Windows' driver of it is NVIDIA's."""
    libraries = (root / "usr" / "lib" / "wsl" / "lib").glob("libcuda.so*")
    return (root / "dev" / "dxg").exists() and any(libraries)
