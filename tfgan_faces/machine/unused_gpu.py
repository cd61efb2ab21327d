"""Detection of an NVIDIA card that TensorFlow does not use."""

import os
from pathlib import Path

ADVICE = (
    "This machine has an NVIDIA card, but TensorFlow finds no GPU and uses the CPU. On Linux or "
    "in WSL2, run pip install '.[cuda]' in this project's folder to install what TensorFlow needs; "
    "the command nvidia-smi must list the card."
)
_CARD_FILES = ("proc/driver/nvidia/version", "proc/driver/nvidia/gpus", "dev/nvidia0")
_UUID_PREFIXES = ("GPU-", "MIG-")


def unused_gpu(gpus, environment=None, root="/"):
    """Returns advice, a str, if a card is present, not used and not hidden; otherwise None.

    Args:
        gpus: list of the GPUs that TensorFlow finds.
        environment: dict of environment variables, this process's by default.
        root: folder that contains `proc`, `dev` and `usr`.
    """
    environment = os.environ if environment is None else environment
    if gpus or _hides_all(environment.get("CUDA_VISIBLE_DEVICES")):
        return None
    return ADVICE if _has_card(Path(root)) else None


def _hides_all(visible):
    """Returns whether a value of CUDA_VISIBLE_DEVICES hides every card.

    CUDA ignores the list from its first invalid entry on.
    """
    if visible is None:
        return False
    first = visible.split(",")[0].strip()
    return not (first.isdecimal() or first.startswith(_UUID_PREFIXES))


def _has_card(root):
    return any((root / name).exists() for name in _CARD_FILES) or _has_wsl_card(root)


def _has_wsl_card(root):
    """Returns whether WSL2 exposes a GPU whose Windows driver is NVIDIA's."""
    libraries = (root / "usr" / "lib" / "wsl" / "lib").glob("libcuda.so*")
    return (root / "dev" / "dxg").exists() and any(libraries)
