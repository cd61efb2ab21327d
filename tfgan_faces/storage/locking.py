"""Locks that let one process at a time write to a folder; a dead process holds no lock."""

import contextlib
import errno
import functools
import logging
import os

import filelock

from tfgan_faces.storage.lease import leased
from tfgan_faces.storage.paths import is_remote

_logger = logging.getLogger(__name__)

_LOCKS_UNSUPPORTED = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP}


@contextlib.contextmanager
def locked(path, wait=lambda holder: None):
    """Holds the lock file `path`, which is created if missing and not deleted afterwards.

    In an object store, the lock is an object that is deleted afterwards, see `leased`. Some file
    systems, such as some network mounts, do not support locks. There, nothing is locked, and a
    warning is logged.

    Args:
        path: str.
        wait: callable of the holder's process number, called when another process holds the
            lock. It may raise; if it returns, as by default, `locked` waits for the lock.
    """
    if is_remote(path):
        with leased(path, wait):
            yield
        return
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    lock = _lock(path)
    if not _acquired(lock, wait):
        _warn_once(os.path.dirname(os.path.abspath(path)))
    try:
        yield
    finally:
        lock.release()


@functools.cache
def _warn_once(folder):
    _logger.warning(
        "The file system of %s does not support locks. Make sure that only one process at a time "
        "writes there.",
        folder,
    )


def is_held(path):
    """Returns whether a live process holds a lock file; True where locks are not supported."""
    lock = _lock(path)
    try:
        if not _acquired(lock, _refuse):
            return True
    except filelock.Timeout:
        return True
    lock.release()
    return False


def _lock(path):
    return filelock.FileLock(path, preserve_lock_file=True, on_acquired=_write_process_number)


def _acquired(lock, wait):
    """Acquires a lock. Returns False if the file system does not support locks."""
    try:
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            wait(_holder(lock.lock_file))
            lock.acquire()
    except OSError as error:
        if error.errno not in _LOCKS_UNSUPPORTED:
            raise
        return False
    return True


def _refuse(holder):
    raise filelock.Timeout(holder)


def _write_process_number(descriptor):
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode("ascii"))


def _holder(path):
    try:
        with open(path, encoding="ascii") as file:
            return file.read() or "unknown"
    except OSError:  # on Windows, other processes cannot read a locked file
        return "unknown"
