"""Atomic writing of files and folders, in mounted file systems and object stores.

Addresses such as gs://bucket/folder are accessed through TensorFlow's file system layer. An object
becomes visible when it is closed, so it needs no temporary name. Folders cannot be renamed there.
"""

import contextlib
import errno
import os
import shutil

from tfgan_faces.storage.paths import as_path, is_remote

_FOLDER_SYNC_UNSUPPORTED = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF}


def write_atomic(path, content):
    """Writes bytes to a temporary file in the same folder, then renames it to `path`.

    Args:
        path: file to write or replace; missing folders are created.
        content: bytes.
    """
    if is_remote(path):
        as_path(path).write_bytes(content)
        return
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


@contextlib.contextmanager
def atomic_directory(path):
    """Yields a folder to fill, then renames it to `path`, replacing any existing folder.

    In an object store, the folder has its final name from the beginning: the last file written
    must mark the folder as complete.

    Args:
        path: see `as_path`.
    """
    hidden = path if is_remote(path) else path.parent / f".writing_{path.name}_{os.getpid()}"
    try:
        remove_folder(hidden)
        hidden.mkdir(parents=True, exist_ok=True)
        yield hidden
        if hidden != path:
            sync_tree(hidden)
            remove_folder(path)
            os.rename(hidden, path)
    except BaseException:
        remove_folder(hidden)
        raise


def remove_folder(path):
    """Removes a folder if it exists. On mounted file systems, errors are ignored."""
    if not is_remote(path):
        shutil.rmtree(path, ignore_errors=True)
    elif _is_folder(as_path(path)):
        as_path(path).rmtree()


def names_in(folder):
    """Returns the sorted names in a folder; an empty list if the folder does not exist."""
    folder = as_path(folder)
    return sorted(path.name for path in folder.iterdir()) if _is_folder(folder) else []


def _is_folder(path):
    # TensorFlow's is_dir returns False if the store does not respond; exists raises an error.
    return path.exists() if is_remote(path) else path.is_dir()


def sync_tree(folder):
    """Flushes a folder tree to disk, so that a later rename cannot get there before its content."""
    for parent, _, names in os.walk(folder):
        for path in [parent, *(os.path.join(parent, name) for name in names)]:
            sync(path)


def sync(path):
    """Flushes a file, or the entries of a folder, to disk.

    Some network mounts cannot flush folders: there, a power failure may undo a rename.
    """
    if os.path.isdir(path) and os.name == "nt":  # Windows cannot open folders
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if not os.path.isdir(path) or error.errno not in _FOLDER_SYNC_UNSUPPORTED:
            raise
    finally:
        os.close(descriptor)
