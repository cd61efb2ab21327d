"""Folders that one process at a time may write to; a dead process holds no lock."""

import contextlib
import errno
import functools
import logging
import os

import filelock

from tfgan_faces.storage.lease import leased
from tfgan_faces.storage.paths import is_remote

_logger = logging.getLogger(__name__)

_NO_LOCKS_HERE = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP}


@contextlib.contextmanager
def locked(path, wait=lambda holder: None):
    """Holds the lock file `path`, which is made when missing and stays.

    In an object store it is an object that does not stay, see `leased`. On file systems without
    locks, as some network mounts are, nothing is held, and a warning says so.

    Args:
        path: str.
        wait: callable of the holder's process number, called when another process holds the
            lock: it may raise; if it returns, as it does by default, the lock is waited for.
    """
    if is_remote(path):
        with leased(path, wait):
            yield
        return
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    lock = _lock(path)
    if not _acquired(lock, wait):
        _tell_once(os.path.dirname(os.path.abspath(path)))
    try:
        yield
    finally:
        lock.release()


@functools.cache
def _tell_once(folder):
    _logger.warning(
        "There are no locks on the file system of %s: nothing keeps two processes from writing "
        "there at once, so see to it yourself.",
        folder,
    )


def is_held(path):
    """Whether a process that lives holds a lock file, or may hold it where there are no locks."""
    lock = _lock(path)
    try:
        if not _acquired(lock, _refuse):
            return True
    except filelock.Timeout:
        return True
    lock.release()
    return False


def _lock(path):
    return filelock.FileLock(path, preserve_lock_file=True, on_acquired=_sign)


def _acquired(lock, wait):
    """Takes a lock, and returns whether there are such things."""
    try:
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            wait(_holder(lock.lock_file))
            lock.acquire()
    except OSError as error:
        if error.errno not in _NO_LOCKS_HERE:
            raise
        return False
    return True


def _refuse(holder):
    raise filelock.Timeout(holder)


def _sign(descriptor):
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode("ascii"))


def _holder(path):
    try:
        with open(path, encoding="ascii") as file:
            return file.read() or "unknown"
    except OSError:  # Windows lets nobody else read it
        return "unknown"
