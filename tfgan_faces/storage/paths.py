"""Paths in mounted file systems and addresses in object stores."""

import contextlib
import os
import pathlib
import tempfile

from etils import epath

from tfgan_faces.errors import UserError, reason_of

# TensorFlow's object store client reads these once, when it is loaded. By default it fetches
# 64 MiB for any part of a file, and caches an object's status for 5 seconds, which is too long
# for processes that wait for each other's objects.
os.environ.setdefault("GCS_READAHEAD_BUFFER_SIZE_BYTES", str(1 << 20))
os.environ.setdefault("GCS_STAT_CACHE_MAX_AGE", "0")


def is_remote(path):
    """Returns whether `path` is an address in an object store, such as gs://bucket/folder."""
    return "://" in os.fspath(path)


def as_path(path):
    """Returns a `pathlib.Path`, or for an address an object with the same methods."""
    # epath.Path treats paths below /gs and /s3 as addresses, so it is not used for paths.
    return epath.Path(path) if is_remote(path) else pathlib.Path(path)


def expanded(path):
    """Returns a path with its ~ expanded, or an address without a trailing slash.

    Raises:
        UserError: the home folder is unknown.
    """
    if is_remote(path):
        return path.rstrip("/")
    found = os.path.expanduser(path)
    if found.startswith("~") and path.startswith("~"):
        raise UserError(
            f"{path}: the home folder of this user is unknown. Set HOME, or choose other folders "
            "(--cache_dir, --run_dir, --data_dir)."
        )
    return found


def absolute(path):
    """Returns an expanded path as an absolute path; addresses are always absolute."""
    return expanded(path) if is_remote(path) else os.path.abspath(expanded(path))


@contextlib.contextmanager
def without_patterns(folder):
    """Yields a path of a folder that contains no pattern characters.

    TensorFlow restores variables from the files that match their path as a pattern. Square
    brackets and backslashes in the path do not match themselves.

    Args:
        folder: str or path; addresses are not changed.
    """
    path = os.path.abspath(folder) if not is_remote(folder) else os.fspath(folder)
    if is_remote(folder) or not {"[", "]", "\\"} & set(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="tfgan_faces_") as scratch:
        link = os.path.join(scratch, "folder")
        os.symlink(path, link, target_is_directory=True)
        yield link


def check_reachable(flag, path):
    """Raises UserError for an address of a kind that TensorFlow cannot read and write.

    Args:
        flag: str, the flag to name in the error message.
        path: str.
    """
    if is_remote(path) and not path.startswith("gs://"):
        raise UserError(
            f"{flag} must be a path or an address that starts with gs://. Received: {path}"
        )


def check_mounted(flag, folder):
    """Raises UserError for an address in an object store.

    Args:
        flag: str, the flag to name in the error message.
        folder: str.
    """
    if is_remote(folder):
        raise UserError(f"{flag} must be a folder in a mounted file system. Received: {folder}")


def check_writable(flag, folder):
    """Raises UserError unless files can be created in `folder`, which may not exist yet.

    Args:
        flag: str, the flag to name in the error message.
        folder: str.
    """
    if is_remote(folder):
        _try_writing_object(flag, epath.Path(folder))
    else:
        _try_writing_file(flag, folder)


def _try_writing_file(flag, folder):
    """Writes a temporary file: permissions do not cover mounts and long names."""
    missing, ancestor = [], os.path.abspath(folder)
    try:
        while not os.path.lexists(ancestor):
            missing.append(ancestor)
            ancestor = os.path.dirname(ancestor)
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"{flag}: cannot write to {folder} ({reason}); choose another folder."
        ) from error
    finally:
        for created in missing:
            with contextlib.suppress(OSError, ValueError):
                os.rmdir(created)


def _try_writing_object(flag, folder):
    """Writes an object and deletes it: the permissions of a bucket cannot be queried."""
    probe = folder / f".writable_{os.getpid()}"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except Exception as error:  # TensorFlow raises many types of errors for buckets
        raise UserError(
            f"{flag}: cannot write to {folder} ({reason_of(error)}); choose another folder."
        ) from error
