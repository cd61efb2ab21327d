"""Numbered versions in a folder that TF Serving watches: published whole, in one rename.

TF Serving loads a version as soon as it sees a folder whose name is a number, and keeps
what it loaded then; it ignores all other names. People number other folders, too: what has no
model card of this package is not removed, and nothing is published beside it.
"""

import contextlib
import errno
import logging
import os
import re
import shutil
import tempfile

import tensorflow as tf

from tfgan_faces.errors import UserError, reason_of
from tfgan_faces.serving.model_card import has_model_card
from tfgan_faces.storage.files import sync, sync_tree
from tfgan_faces.storage.locking import is_held, locked

_logger = logging.getLogger(__name__)

_HIDDEN = ".writing_"
_REMOVED = f"{_HIDDEN}removed_"
_HIDDEN_NAME = re.compile(r"\.writing_([a-z0-9_]{8}|removed_[0-9]+_[0-9]+)")  # as mkdtemp has them
_OF_SAVED_MODELS = {"saved_model.pb", "fingerprint.pb", "variables", "assets", "assets.extra"}


def publish(write, base_path, keep_versions):
    """Writes a new version, makes it visible, and removes old ones.

    Args:
        write: callable of a folder, which fills it, and raises to leave no version.
        base_path: folder of the numbered versions; made when missing.
        keep_versions: int, at least 1, the number of newest versions that stay.

    Returns:
        The folder of the new version.

    Raises:
        UserError: the folder cannot be written to, or is another's.
    """
    check_own(base_path)
    try:
        if not os.path.isdir(base_path):
            os.makedirs(base_path)
            _let_others_read(base_path)
        with _hidden_folder(base_path) as folder:
            write(folder)
            _let_others_read(folder)
            sync_tree(folder)
            published = _rename_to_next(folder, base_path)
    except (OSError, tf.errors.OpError) as error:
        raise UserError(
            f"--export_dir: cannot write to {base_path} ({reason_of(error)})."
        ) from error
    try:
        _prune(base_path, keep_versions)
    except OSError as error:
        _logger.warning("Old versions in %s could not be removed: %s", base_path, error)
    return published


def check_own(base_path):
    """Raises UserError when there is a numbered folder that this package did not write.

    Args:
        base_path: folder of the numbered versions; it need not exist yet.
    """
    for name in versions_in(base_path):
        if not has_model_card(os.path.join(base_path, name)):
            raise UserError(
                f"--export_dir: {os.path.join(base_path, name)} is no export of tfgan_faces, and "
                "TF Serving would take it for one. Name a folder that is for exports only."
            )


def newest_version(base_path):
    """Returns the folder of the newest published version, or None."""
    versions = versions_in(base_path)
    return os.path.join(base_path, versions[-1]) if versions else None


def versions_in(base_path):
    """Returns the names of the published versions, from the oldest to the newest."""
    names = os.listdir(base_path) if os.path.isdir(base_path) else []
    return sorted((name for name in names if re.fullmatch(r"[0-9]+", name)), key=int)


@contextlib.contextmanager
def _hidden_folder(base_path):
    """Yields a new folder that is locked while its process lives, and removed in the end."""
    with contextlib.ExitStack() as stack:
        with locked(os.path.join(base_path, ".lock")):
            _remove_abandoned(base_path)
            folder = tempfile.mkdtemp(prefix=_HIDDEN, dir=base_path)
            stack.enter_context(locked(f"{folder}.lock"))
        try:
            yield folder
        finally:
            _remove(folder)


def _remove_abandoned(base_path):
    """Removes what killed exports left: a dead process holds no lock."""
    for name in os.listdir(base_path):
        folder = os.path.join(base_path, name)
        is_ours = _HIDDEN_NAME.fullmatch(name) and _holds_a_model_at_most(folder)
        if is_ours and not is_held(f"{folder}.lock"):
            _remove(folder)


def _remove(folder):
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        os.remove(f"{folder}.lock")


def _holds_a_model_at_most(folder):
    return os.path.isdir(folder) and set(os.listdir(folder)) <= _OF_SAVED_MODELS


def _let_others_read(folder):
    """TF Serving may be another user, and this one's umask strict."""
    try:
        for parent, _, names in os.walk(folder):
            os.chmod(parent, 0o755)
            for name in names:
                os.chmod(os.path.join(parent, name), 0o644)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP):
            raise
        _logger.warning(
            "The file system of %s has no permissions of its own (%s): see to it that the model "
            "server may read there.",
            os.path.dirname(folder),
            error.strerror,
        )


def _rename_to_next(folder, base_path):
    while True:
        version = int((versions_in(base_path) or ["0"])[-1]) + 1
        target = os.path.join(base_path, str(version))
        try:
            os.rename(folder, target)
        except OSError:
            if os.path.exists(target):  # another export was faster: the next number
                continue
            raise
        sync(base_path)
        return target


def _prune(base_path, keep_versions):
    """Removes all but the newest versions; what is half removed is no version any more."""
    for name in versions_in(base_path)[:-keep_versions]:
        if not has_model_card(os.path.join(base_path, name)):  # it came while this one was written
            continue
        hidden = os.path.join(base_path, f"{_REMOVED}{name}_{os.getpid()}")
        with contextlib.suppress(FileNotFoundError):  # another export has pruned it
            os.rename(os.path.join(base_path, name), hidden)
        shutil.rmtree(hidden, ignore_errors=True)
