"""Trained networks that this package includes, packed from a run and unpacked into one."""

import dataclasses
import io
import os

import numpy as np
import tensorflow as tf

from tfgan_faces.config import RunConfig
from tfgan_faces.config.pretrained import PRETRAINED, default_run_dir, pretrained_folder
from tfgan_faces.errors import UserError
from tfgan_faces.runs import run_settings
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.storage.files import write_atomic
from tfgan_faces.storage.locking import locked
from tfgan_faces.storage.paths import as_path

_NETWORKS = "networks.npz"


def unpack_pretrained(name, run_dir=None):
    """Writes trained networks into a folder, as a run that has ended: it cannot be resumed.

    A folder that contains them already stays as it is. A later version of the package may include
    other networks under the same name: a folder with the earlier ones stays as it is, too.

    Args:
        name: str, such as `"lfw-64"`; the files are in `tfgan_faces/pretrained/`.
        run_dir: the folder to write, by default `runs/NAME`.

    Returns:
        The `RunDirectory`.

    Raises:
        UserError: there are no such networks, or the folder contains something else, such as
            the networks of another version.

    Example:

    >>> directory = tg.unpack_pretrained("lfw-64")
    >>> faces = tg.sample(directory.path, count=16)  # uint8 [16, 64, 64, 3]
    """
    if name not in PRETRAINED:
        raise UserError(f"name must be one of {', '.join(PRETRAINED)}. Received: {name!r}")
    path = default_run_dir(name) if run_dir is None else run_dir
    source, target = RunDirectory(os.fspath(pretrained_folder(name))), RunDirectory(path)
    networks = pretrained_folder(name) / _NETWORKS
    step = _packed_step(networks)
    if target.steps() not in ([], [step]):
        raise UserError(
            f"--run_dir: {path} contains other networks than the {name} of this version; choose "
            "another --run_dir, or remove that folder if you no longer need it."
        )
    target.check(source.config())
    if target.has_checkpoint():
        return target
    with locked(os.path.join(path, ".lock")):
        if not target.has_checkpoint():  # another process may have unpacked them meanwhile
            settings = (pretrained_folder(name) / run_settings.NAME).read_bytes()
            write_atomic(as_path(path) / run_settings.NAME, settings)
            target.save(step, _packed_state(networks))
    return target


def pack_pretrained(run_dir, folder):
    """Writes the networks of a run's newest checkpoint as files that this package can include.

    The weights are rounded to float16. Paths and the settings of a single machine are left out.

    Args:
        run_dir: folder of the run.
        folder: folder to write.

    Raises:
        UserError: there is no run, or it has no checkpoint.
    """
    directory, folder = RunDirectory(run_dir), as_path(folder)
    config = directory.config()
    step, networks = directory.network_values()
    if networks is None:
        raise UserError(f"--run_dir: the run in {run_dir} has no intact checkpoint.")
    arrays = {
        f"{part}/{index:03d}": _to_float16(values)
        for part, network in networks.items()
        for index, values in enumerate(network)
    }
    content = io.BytesIO()
    np.savez_compressed(content, step=np.int64(step), **arrays)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / _NETWORKS, content.getvalue())
    origin = config.training.init_from
    if origin not in {*PRETRAINED} - {folder.name}:
        origin = None  # a folder on this machine, or the networks that these replace
    config = dataclasses.replace(config, run=RunConfig()).replaced(
        data={"data_dir": None, "cache": "auto"},
        training={"precision": "auto", "init_from": origin, "freeze_d": 0},
    )
    settings = run_settings.RunSettings(config, directory.photos(), directory.labels())
    write_atomic(folder / run_settings.NAME, settings.to_json())


def _packed_step(path):
    with np.load(path, allow_pickle=False) as arrays:
        return int(arrays["step"])


def _packed_state(path):
    """Returns the variables in a file, as in `Trainer.state`."""
    state = {}
    with np.load(path, allow_pickle=False) as arrays:
        for name in sorted(set(arrays) - {"step"}):
            variable = tf.Variable(_to_float32(arrays[name]))
            state.setdefault(name.split("/")[0], []).append(variable)
    return state


def _to_float16(values):
    """Returns floats as float16, within its range; the states of random generators stay."""
    if not np.issubdtype(values.dtype, np.floating):
        return values
    limit = np.finfo(np.float16).max
    return np.clip(values, -limit, limit).astype(np.float16)


def _to_float32(values):
    return values.astype(np.float32) if values.dtype == np.float16 else values
