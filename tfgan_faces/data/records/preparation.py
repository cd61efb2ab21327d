"""From settings to prepared records: the one door to the data."""

import contextlib
import logging
import re

import tensorflow as tf
import tensorflow_datasets as tfds

from tfgan_faces.data.records.beam import runner_and_options
from tfgan_faces.data.records.face_folder import FaceFolder
from tfgan_faces.data.records.lfw import Lfw
from tfgan_faces.data.records.synthetic_faces import SyntheticFaces
from tfgan_faces.errors import UserError
from tfgan_faces.machine.nameless_users import naming_by_number
from tfgan_faces.storage.files import names_in, remove_folder
from tfgan_faces.storage.locking import locked
from tfgan_faces.storage.paths import is_remote

_logger = logging.getLogger(__name__)

_WHOLE = ".whole"  # an object that tells that all others are there


def build(data, cache_dir):
    """Returns the TFDS builder of the photos that `data`, a resolved `DataConfig`, names.

    Raises:
        UserError: there is no such folder or archive.
    """
    _quiet()
    return _BUILDERS[data.dataset](data, cache_dir)


def prepare(data, cache_dir, beam_runner=None, beam_options=None, shards=None):
    """Decodes, crops and resizes all photos once; unchanged ones are not prepared again.

    The records are the same ones in the same order whoever writes them into however many
    files; those that are there already stay as they are.

    Args:
        data: resolved `DataConfig`.
        cache_dir: folder of the records; with Beam one that all workers reach by this path.
        beam_runner: str, name of Apache Beam's runner; None: this process's threads.
        beam_options: str, see `runner_and_options`.
        shards: int, number of files, at most that of photos; None: by size.

    Returns:
        The prepared builder; `builder.data_path` is the records' folder, and
        `builder.info.metadata` tells how many photos it holds and which were skipped.

    Raises:
        UserError: there are no photos, or they cannot be downloaded, or the records not be
            written, or Beam is not installed or does not know the runner.
    """
    runner, options = runner_and_options(beam_runner, beam_options)
    config = tfds.download.DownloadConfig(
        beam_runner=runner, beam_options=options, num_shards=shards
    )
    builder = build(data, cache_dir)
    path = builder.data_path
    if is_remote(path) and (path / _WHOLE).exists():
        return builder
    holders = []
    try:
        with locked(str(path.parent / f".{path.name}.lock"), lambda pid: _wait(pid, holders)):
            _remove_leftovers(path)
            # Another process may have prepared them meanwhile; of leases it is not always told.
            if holders or is_remote(path):
                builder = build(data, cache_dir)
            # TFDS prints to stdout, too, and asks for the names of files' owners.
            with contextlib.redirect_stdout(None), naming_by_number():
                builder.download_and_prepare(download_config=config)
            if is_remote(path):
                (path / _WHOLE).write_bytes(b"")
    except tf.errors.OpError as error:
        raise UserError(
            f"The photos cannot be prepared: {' '.join(str(error).split())}."
        ) from error
    except (OSError, RuntimeError) as error:
        if not _is_of_the_system(error):
            raise
        where = f"with {beam_runner} to {cache_dir}" if beam_runner else f"to {cache_dir}"
        raise UserError(f"--cache_dir: cannot write {where} ({error}).") from error
    return builder


def _is_of_the_system(error):
    """Whether an error is an OSError, or a RuntimeError that TFDS or Beam has made of one."""
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
    """Removes what killed preparations of the same photos left; the lock is held."""
    for name in names_in(path.parent):
        if re.fullmatch(rf"incomplete\.[A-Z0-9]{{6}}_{re.escape(path.name)}", name):  # TFDS's name
            remove_folder(path.parent / name)
    # An object store renames a folder one object after the other.
    if is_remote(path) and not (path / _WHOLE).exists():
        remove_folder(path)


def _quiet():
    """TFDS logs and draws bars for its every stage; the builders draw one of their own."""
    tfds.disable_progress_bar()
    logging.getLogger("absl").setLevel(logging.ERROR)


def _drawn_faces(data, cache_dir):
    return SyntheticFaces.of(data.image_size, cache_dir, dataset=data.dataset)


def _folder(data, cache_dir):
    return FaceFolder.of(data.data_dir, data.crop, data.image_size, cache_dir)


def _lfw(data, cache_dir):
    """The copy that was given, or the one that TFDS downloads."""
    if data.data_dir is not None:
        return _folder(data, cache_dir)
    return Lfw.of(data.crop, data.image_size, cache_dir)


_BUILDERS = {"drawn": _drawn_faces, "synthetic": _drawn_faces, "folder": _folder, "lfw": _lfw}
