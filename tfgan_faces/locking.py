"""Folders that one process at a time may write to; a dead process holds no lock."""

import contextlib
import fcntl
import os

from tfgan_faces.lease import leased
from tfgan_faces.paths import is_remote


@contextlib.contextmanager
def locked(path, wait=lambda holder: None):
    """Holds the lock file `path`, which is made when missing and stays.

    In an object store it is an object that does not stay, see `leased`.

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
    with open(path, "a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            wait(file.read() or "unknown")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
