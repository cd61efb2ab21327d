"""Parts of large files, here and in object stores, read from where they begin."""

import contextlib
import os
import threading

import tensorflow as tf

from tfgan_faces.storage.paths import is_remote


@contextlib.contextmanager
def reading_at(path):
    """Yields a function of a first byte and a count that returns bytes, fewer at the file's end.

    Threads may share it.

    Args:
        path: str.
    """
    if is_remote(path):
        own = threading.local()  # each thread has a stream, which reads ahead

        def read(first, count):
            if not hasattr(own, "file"):
                own.file = tf.io.gfile.GFile(path, "rb")
            own.file.seek(first)
            return own.file.read(count)

        yield read
    else:
        with open(path, "rb", buffering=0) as file:  # positioned: nothing is kept
            yield lambda first, count: os.pread(file.fileno(), count, first)


def size_and_time(path):
    """Returns a file's bytes, and the nanosecond of its last change."""
    if is_remote(path):
        status = tf.io.gfile.stat(path)
        return status.length, status.mtime_nsec
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns
