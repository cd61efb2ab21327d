"""Files that are written whole or not at all, here and in object stores.

Addresses as gs://bucket/folder are reached through TensorFlow's file system layer. An object
appears when it is closed and needs no temporary name; but a folder cannot be renamed there.
"""

import contextlib
import errno
import os
import shutil

from tfgan_faces.storage.paths import as_path, is_remote

_NO_SYNC_OF_FOLDERS = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF}


def write_whole(path, content):
    """Writes bytes to a temporary name beside `path`, then renames.

    Args:
        path: file to write or replace; missing folders are made.
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
def folder_written_whole(path):
    """Yields a folder to fill, which then takes the name `path`, in the place of any other.

    In an object store it has that name from the beginning: the file that is written last must
    tell that all are there.

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
    """Removes a folder, or as much of it as can be removed."""
    if not is_remote(path):
        shutil.rmtree(path, ignore_errors=True)
    elif _is_folder(as_path(path)):
        as_path(path).rmtree()


def names_in(folder):
    """Returns the names in a folder, in order; none when there is no such folder."""
    folder = as_path(folder)
    return sorted(path.name for path in folder.iterdir()) if _is_folder(folder) else []


def _is_folder(path):
    # To TensorFlow's is_dir a store that does not answer is one without the folder.
    return path.exists() if is_remote(path) else path.is_dir()


def sync_tree(folder):
    """Forces a folder tree to the disk, so that a later rename cannot overtake its content."""
    for parent, _, names in os.walk(folder):
        for path in [parent, *(os.path.join(parent, name) for name in names)]:
            sync(path)


def sync(path):
    """Forces a file, or the names in a folder, to the disk.

    Some network mounts do not know the latter: there a failure of power may undo a rename.
    """
    if os.path.isdir(path) and os.name == "nt":  # Windows opens no folders
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if not os.path.isdir(path) or error.errno not in _NO_SYNC_OF_FOLDERS:
            raise
    finally:
        os.close(descriptor)
