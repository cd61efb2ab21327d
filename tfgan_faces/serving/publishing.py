"""Publishes numbered versions in a folder that TF Serving watches, each by an atomic rename.

TF Serving loads a version as soon as it sees a folder whose name is a number. It does not notice
later changes, and it ignores all other names. Other programs and users have numbered folders, too.
A folder without a model card of this package is never removed, and nothing is published next to it.
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

_HIDDEN_PREFIX = ".writing_"
_REMOVED_PREFIX = f"{_HIDDEN_PREFIX}removed_"
# mkdtemp appends 8 such characters.
_HIDDEN_NAME = re.compile(r"\.writing_([a-z0-9_]{8}|removed_[0-9]+_[0-9]+)")
_SAVED_MODEL_FILES = {"saved_model.pb", "fingerprint.pb", "variables", "assets", "assets.extra"}


def publish(write, base_path, keep_versions):
    """Writes a new version, publishes it atomically, and removes old ones.

    Args:
        write: callable that fills a given folder. If it raises, no version is published.
        base_path: folder of the numbered versions, created if missing.
        keep_versions: int, at least 1, the number of newest versions to keep.

    Returns:
        The folder of the new version.

    Raises:
        UserError: the folder cannot be written to, or holds a numbered folder that is not an
            export.
    """
    check_own(base_path)
    try:
        missing = _missing_folders(base_path)
        if missing:
            os.makedirs(base_path)
            _make_readable(missing[-1])
        with _hidden_folder(base_path) as folder:
            write(folder)
            _make_readable(folder)
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
    """Raises UserError if there is a numbered folder that this package did not write.

    Args:
        base_path: folder of the numbered versions. It may be missing.
    """
    for name in versions_in(base_path):
        if not has_model_card(os.path.join(base_path, name)):
            raise UserError(
                f"--export_dir: {os.path.join(base_path, name)} is not an export of "
                "tfgan_faces, but TF Serving would load it. Use a folder for exports only."
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
    """Yields a new folder, which is locked while this process lives, and removed at the end."""
    with contextlib.ExitStack() as stack:
        with locked(os.path.join(base_path, ".lock")):
            _remove_abandoned(base_path)
            folder = tempfile.mkdtemp(prefix=_HIDDEN_PREFIX, dir=base_path)
            stack.enter_context(locked(f"{folder}.lock"))
        try:
            yield folder
        finally:
            _remove(folder)


def _remove_abandoned(base_path):
    """Removes the folders of killed exports. A dead process holds no lock."""
    for name in os.listdir(base_path):
        folder = os.path.join(base_path, name)
        is_ours = _HIDDEN_NAME.fullmatch(name) and _has_only_model_files(folder)
        if is_ours and not is_held(f"{folder}.lock"):
            _remove(folder)


def _remove(folder):
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        os.remove(f"{folder}.lock")


def _has_only_model_files(folder):
    return os.path.isdir(folder) and set(os.listdir(folder)) <= _SAVED_MODEL_FILES


def _missing_folders(path):
    """Returns the folders that do not exist: `path` and those above it, upwards."""
    missing, path = [], os.path.abspath(path)
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    return missing


def _make_readable(folder):
    """Lets all users read a folder: TF Serving may run as another user, whatever the umask."""
    try:
        for parent, _, names in os.walk(folder):
            os.chmod(parent, 0o755)
            for name in names:
                os.chmod(os.path.join(parent, name), 0o644)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP):
            raise
        _logger.warning(
            "The file system of %s does not support permissions (%s). Make sure that the model "
            "server can read the folder.",
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
            if os.path.exists(target):  # another export took the number
                continue
            raise
        sync(base_path)
        return target


def _prune(base_path, keep_versions):
    """Removes all but the newest versions, hidden first: a partial one must not be loaded."""
    for name in versions_in(base_path)[:-keep_versions]:
        # Another program may have created a folder since `check_own`.
        if not has_model_card(os.path.join(base_path, name)):
            continue
        hidden = os.path.join(base_path, f"{_REMOVED_PREFIX}{name}_{os.getpid()}")
        with contextlib.suppress(FileNotFoundError):  # another export removed it
            os.rename(os.path.join(base_path, name), hidden)
        shutil.rmtree(hidden, ignore_errors=True)
