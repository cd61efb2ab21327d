"""The photos in folder trees, here and in object stores."""

import contextlib
import os
import stat

import tensorflow as tf

from tfgan_faces.data.photo import MOST_BYTES, TOO_LARGE, Photo, Source, is_photo
from tfgan_faces.data.random_reads import size_and_time
from tfgan_faces.data.threads import in_threads
from tfgan_faces.paths import as_path


class FolderSource(Source):
    """The photos in a folder tree, in the order of their names."""

    def files(self):
        """Yields `(relative path, size, modification time in ns)` of every photo."""
        unreadable = []
        for folder, folders, names in os.walk(self.path, onerror=unreadable.append):
            folders.sort()
            for name in sorted(filter(is_photo, names)):
                path = os.path.join(folder, name)
                try:
                    status = os.stat(path)
                except OSError:  # a dangling link or a vanished file is reported when read
                    yield os.path.relpath(path, self.path), -1, 0
                    continue
                if stat.S_ISREG(status.st_mode):
                    relative = os.path.relpath(path, self.path)
                    yield relative, status.st_size, status.st_mtime_ns
        for error in unreadable:  # folders; reported when read, like unreadable files
            yield os.path.relpath(error.filename, self.path), -1, 0

    def photos(self):
        """Yields a `Photo` for every file."""
        for name, _, _ in self.files():
            yield Photo(name)

    @contextlib.contextmanager
    def reader(self):
        """Yields a function of a `Photo` that returns the file's bytes; threads may share it."""
        yield lambda photo: _read(os.path.join(self.path, photo.name))


class RemoteFolderSource(FolderSource):
    """The photos in a folder tree of an object store, in the order of their names."""

    def files(self):
        """Yields `(relative path, size, modification time in ns)` of every photo."""
        names = ((name, os.path.join(self.path, name)) for name in self._names(""))
        for name, found in in_threads(size_and_time, names, self.threads):
            yield name, *found()

    def photos(self):
        """Yields a `Photo` for every file."""
        return map(Photo, self._names(""))

    def _names(self, folder):
        """Yields the photos' paths below a folder: one request for many, as none is looked at."""
        found = tf.io.gfile.listdir(os.path.join(self.path, folder))
        found.sort(key=lambda name: name.rstrip("/"))
        yield from (folder + name for name in found if is_photo(name) and name[-1] != "/")
        for name in found:
            if name[-1] == "/":  # so TensorFlow marks folders there
                yield from self._names(folder + name)


def _read(path):
    with as_path(path).open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(TOO_LARGE)
    return content
