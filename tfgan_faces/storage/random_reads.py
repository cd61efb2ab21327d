"""Random access to large files in mounted file systems and object stores."""

import contextlib
import os
import threading

import tensorflow as tf

from tfgan_faces.storage.paths import is_remote


@contextlib.contextmanager
def reading_at(path):
    """Yields a function that takes a start offset and a count and returns bytes.

    At the end of the file it returns fewer bytes. It is thread-safe.

    Args:
        path: str.
    """
    if is_remote(path):
        local = threading.local()  # a stream reads ahead, so each thread has its own

        def read(first, count):
            if not hasattr(local, "file"):
                local.file = tf.io.gfile.GFile(path, "rb")
            local.file.seek(first)
            return local.file.read(count)

        yield read
    else:
        with open(path, "rb", buffering=0) as file:  # pread uses no shared file position
            yield lambda first, count: os.pread(file.fileno(), count, first)


def size_and_time(path):
    """Returns a file's size in bytes and its modification time in nanoseconds."""
    if is_remote(path):
        status = tf.io.gfile.stat(path)
        return status.length, status.mtime_nsec
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns
