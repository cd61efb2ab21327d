"""Where files may lie: in folders of mounted file systems, and at addresses of object stores."""

import contextlib
import os
import pathlib
import tempfile

from etils import epath

from tfgan_faces.errors import UserError

# TensorFlow's client of stores reads these once, when it is loaded. It would fetch 64 MiB for
# any part of a file, and take an object for 5 seconds to be as it was: too long for processes
# that wait for each other's.
os.environ.setdefault("GCS_READAHEAD_BUFFER_SIZE_BYTES", str(1 << 20))
os.environ.setdefault("GCS_STAT_CACHE_MAX_AGE", "0")


def is_remote(path):
    """Whether `path` is the address of an object store, as gs://bucket/folder."""
    return "://" in os.fspath(path)


def as_path(path):
    """Returns a `pathlib.Path`, or for an address what has its methods."""
    # Never the latter for a path: epath takes those below /gs and /s3 for addresses.
    return epath.Path(path) if is_remote(path) else pathlib.Path(path)


def expanded(path):
    """Returns a path with its ~ expanded, or an address without a slash at its end.

    Raises:
        UserError: nobody knows where that home is.
    """
    if is_remote(path):
        return path.rstrip("/")
    found = os.path.expanduser(path)
    if found.startswith("~") and path.startswith("~"):
        raise UserError(
            f"{path}: this user has no home folder that the system knows. Set HOME, or name other "
            "folders (--cache_dir, --run_dir, --data_dir)."
        )
    return found


def absolute(path):
    """Returns an expanded path from the root on; addresses are that already."""
    return expanded(path) if is_remote(path) else os.path.abspath(expanded(path))


@contextlib.contextmanager
def without_patterns(folder):
    """Yields a path of a folder that TensorFlow does not take for a pattern.

    What restores variables looks for files whose names match their path: square brackets and
    backslashes in it match other names than themselves.

    Args:
        folder: str or path; of addresses nothing is changed.
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
        flag: str, what named the path.
        path: str.
    """
    if is_remote(path) and not path.startswith("gs://"):
        raise UserError(
            f"{flag} must be a path, or an address that begins with gs://. Received: {path}"
        )


def check_mounted(flag, folder):
    """Raises UserError for the address of an object store.

    Args:
        flag: str, what named the folder.
        folder: str.
    """
    if is_remote(folder):
        raise UserError(
            f"{flag} must be a folder of a file system that is mounted here. Received: {folder}"
        )


def check_writable(flag, folder):
    """Raises UserError unless files can be made in `folder`, or it can be made.

    Args:
        flag: str, what named the folder.
        folder: str.
    """
    if is_remote(folder):
        _try_to_write(flag, epath.Path(folder))
    else:
        _try_here(flag, folder)


def _try_here(flag, folder):
    """Writes a file for a moment: of mounts and long names permissions tell too little."""
    missing, above = [], os.path.abspath(folder)
    try:
        while not os.path.lexists(above):
            missing.append(above)
            above = os.path.dirname(above)
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"{flag}: cannot write to {folder} ({reason}); name another folder."
        ) from error
    finally:
        for made in missing:
            with contextlib.suppress(OSError, ValueError):
                os.rmdir(made)


def _try_to_write(flag, folder):
    """What a bucket allows cannot be asked for."""
    probe = folder / f".writable_{os.getpid()}"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except Exception as error:  # TensorFlow has a dozen kinds for a bucket that is closed or gone
        reason = str(error).splitlines()[0]
        raise UserError(
            f"{flag}: cannot write to {folder} ({reason}); name another folder."
        ) from error
