"""Where files may lie: in folders of mounted file systems, and at addresses of object stores."""

import os

from etils import epath

from tfgan_faces.errors import UserError


def is_remote(path):
    """Whether `path` is the address of an object store, as gs://bucket/folder."""
    return "://" in os.fspath(path)


def absolute(path):
    """Returns a path with its ~ expanded, from the root on; addresses of object stores are so."""
    return os.fspath(path) if is_remote(path) else os.path.abspath(os.path.expanduser(path))


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
    reason = _not_in_store(folder) if is_remote(folder) else _not_here(os.path.abspath(folder))
    if reason is not None:
        raise UserError(f"{flag}: cannot write to {folder}{reason}; name another folder.")


def _not_here(folder):
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    return None if os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK) else ""


def _not_in_store(folder):
    """Tries it: what a bucket allows cannot be asked for."""
    probe = epath.Path(folder) / f".writable_{os.getpid()}"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except Exception as error:  # TensorFlow has a dozen kinds for a bucket that is closed or gone
        return f" ({str(error).splitlines()[0]})"
    return None
