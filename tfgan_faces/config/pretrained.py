"""The trained networks that this package includes: one folder of `pretrained/` for each."""

import os
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "pretrained"
PRETRAINED = tuple(sorted(path.parent.name for path in _FOLDER.glob("*/config.json")))


def pretrained_folder(name):
    """Returns the folder of trained networks: `config.json`, `networks.npz` and their card."""
    return _FOLDER / name


def default_run_dir(name):
    """Returns the folder that trained networks are unpacked into by default."""
    return os.path.join("runs", name)


def settings_folder(init_from):
    """Returns the folder with the `config.json` of what a training starts from.

    Args:
        init_from: str, a name in `PRETRAINED`, or the folder of a run.
    """
    return pretrained_folder(init_from) if init_from in PRETRAINED else init_from
