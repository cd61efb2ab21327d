"""Files that are written whole or not at all."""

import os

from tfgan_faces.errors import UserError


def write_whole(path, content):
    """Writes bytes to a temporary name beside `path`, then renames.

    Args:
        path: file to write or replace; missing folders are made.
        content: bytes.
    """
    folder, name = os.path.split(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise


def sync_tree(folder):
    """Forces a folder tree to the disk, so that a later rename cannot overtake its content."""
    for parent, _, names in os.walk(folder):
        for path in [parent, *(os.path.join(parent, name) for name in names)]:
            sync(path)


def sync(path):
    """Forces a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_writable(folder):
    """Whether files can be made in `folder`, or it can be made, in the nearest one there is."""
    folder = os.path.abspath(folder)
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    return os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)


def check_mounted(flag, folder):
    """Raises UserError for the address of an object store, as gs://bucket.

    Folders are locked, and what is written becomes final by renaming it; neither is to be had
    there.

    Args:
        flag: str, what named the folder.
        folder: str.
    """
    if "://" in str(folder):
        raise UserError(
            f"{flag} must be a folder of a file system that is mounted here. Received: {folder}"
        )
