"""Prepares the records of the photos that the settings name."""

import contextlib
import io
import logging
import re

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from tfgan_faces.data.records.beam import runner_and_options
from tfgan_faces.data.records.face_folder import FaceFolder, cutter
from tfgan_faces.data.records.lfw import Lfw
from tfgan_faces.data.records.sharded_builder import REFUSED
from tfgan_faces.data.records.synthetic_faces import SyntheticFaces
from tfgan_faces.data.sources.face_cutting import FaceCutting
from tfgan_faces.errors import UserError
from tfgan_faces.faces.detector import FaceDetector
from tfgan_faces.machine.nameless_users import naming_by_number
from tfgan_faces.storage.files import names_in, remove_folder, write_atomic
from tfgan_faces.storage.locking import locked
from tfgan_faces.storage.paths import is_remote
from tfgan_faces.visuals.contact_sheet import contact_sheet_png

_logger = logging.getLogger(__name__)

CONTACT_SHEET = "faces.png"
_SHOWN_FACES = 60
_COMPLETE = ".whole"  # written to an object store after all other objects


def build(data, cache_dir):
    """Returns the TFDS builder for the photos of `data`, a resolved `DataConfig`.

    Raises:
        UserError: the folder or archive does not exist.
    """
    _quiet()
    return _BUILDERS[data.dataset](data, cache_dir)


def prepare(data, cache_dir, beam_runner=None, beam_options=None, shards=None):
    """Decodes, crops and resizes all photos, unless their records exist already.

    The records and their order do not depend on the runner or on the number of files. Existing
    records are not changed.

    Args:
        data: resolved `DataConfig`.
        cache_dir: folder of the records; with Beam a path that all workers can access.
        beam_runner: str, name of the Apache Beam runner; None for threads of this process.
        beam_options: str, see `runner_and_options`.
        shards: int, number of files, at most the number of photos; None to choose it by size.

    Returns:
        The prepared builder. `builder.data_path` is the folder of the records, and
        `builder.info.metadata` contains the number of photos and the skipped files.

    Raises:
        UserError: there are no photos, they cannot be downloaded, the records cannot be written,
            Beam is not installed, or Beam does not know the runner.
    """
    runner, options = runner_and_options(beam_runner, beam_options)
    config = tfds.download.DownloadConfig(
        beam_runner=runner, beam_options=options, num_shards=shards
    )
    builder = build(data, cache_dir)
    path = builder.data_path
    if is_remote(path) and (path / _COMPLETE).exists():
        return builder
    if data.align != "none" and not builder.is_prepared():
        FaceDetector()  # raises if it is not installed, before any photo is read
    holders = []
    try:
        with locked(str(path.parent / f".{path.name}.lock"), lambda pid: _wait(pid, holders)):
            _remove_leftovers(path)
            # Another process may have prepared them meanwhile. In an object store, `_wait` is not
            # always called then.
            if holders or is_remote(path):
                builder = build(data, cache_dir)
            # TFDS also prints to stdout, and looks up the names of file owners.
            with contextlib.redirect_stdout(None), naming_by_number():
                builder.download_and_prepare(download_config=config)
            if data.align != "none":
                _write_contact_sheet(builder)
            if is_remote(path):
                (path / _COMPLETE).write_bytes(b"")
    except tf.errors.OpError as error:
        raise UserError(
            f"The photos cannot be prepared: {' '.join(str(error).split())}."
        ) from error
    except (OSError, RuntimeError) as error:
        if not _is_os_error(error):
            raise
        where = f"with {beam_runner} to {cache_dir}" if beam_runner else f"to {cache_dir}"
        raise UserError(f"--cache_dir: cannot write {where} ({error}).") from error
    return builder


def _write_contact_sheet(builder):
    """Writes a picture of the first faces that were cut out, and of photos without a face."""
    path, metadata = builder.data_path, builder.info.metadata
    if (path / CONTACT_SHEET).exists():
        return
    records = builder.as_dataset(split="train").take(_SHOWN_FACES)
    faces = np.stack([record["image"] for record in records.as_numpy_iterator()])
    refused = np.zeros((0, 64, 64, 3), np.uint8)
    if (path / REFUSED).exists():
        refused = np.load(io.BytesIO((path / REFUSED).read_bytes()))
    png = contact_sheet_png(
        faces,
        refused,
        f"{metadata['photos']} faces were cut out, such as these",
        f"{len(metadata['skipped'])} files were skipped, such as these photos",
    )
    write_atomic(path / CONTACT_SHEET, png)


def _is_os_error(error):
    """Whether an error is an OSError, or a RuntimeError that TFDS or Beam made from one."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) or "OSError" in str(error) or "[Errno" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _wait(holder, holders):
    _logger.info("Process %s is preparing the same photos; waiting for it.", holder)
    holders.append(holder)


def _remove_leftovers(path):
    """Removes leftovers of killed preparations of the same photos. The lock must be held."""
    for name in names_in(path.parent):
        if re.fullmatch(rf"incomplete\.[A-Z0-9]{{6}}_{re.escape(path.name)}", name):  # TFDS's name
            remove_folder(path.parent / name)
    # An object store renames a folder object by object, so part of it may be missing.
    if is_remote(path) and not (path / _COMPLETE).exists():
        remove_folder(path)


def _quiet():
    """Silences TFDS, which logs and shows a bar for every stage; the builders show one bar."""
    tfds.disable_progress_bar()
    logging.getLogger("absl").setLevel(logging.ERROR)


def _drawn_faces(data, cache_dir):
    return SyntheticFaces.of(data.image_size, cache_dir, dataset=data.dataset)


def images_of(data):
    """Returns the function from the bytes of a photo to its prepared images.

    Args:
        data: resolved `DataConfig`.

    Returns:
        Function that returns a list of uint8 arrays [image_size, image_size, 3], or raises an
        error with the reason why there is none, see `FaceCutting` and `decode_photo`.
    """
    return cutter(_cutting(data), data.crop, data.image_size)


def _folder(data, cache_dir):
    return FaceFolder.of(data.data_dir, data.crop, data.image_size, cache_dir, _cutting(data))


def _cutting(data):
    if data.align == "none":
        return None
    return FaceCutting(data.crop, data.image_size, data.faces, data.min_face)


def _lfw(data, cache_dir):
    """Returns the builder for the given copy, or for the one that TFDS downloads."""
    if data.data_dir is not None:
        return _folder(data, cache_dir)
    return Lfw.of(data.crop, data.image_size, cache_dir, _cutting(data))


_BUILDERS = {"drawn": _drawn_faces, "synthetic": _drawn_faces, "folder": _folder, "lfw": _lfw}
