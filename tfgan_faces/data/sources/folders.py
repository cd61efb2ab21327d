"""The photos in folder trees, here and in object stores."""

import contextlib
import os
import stat

import tensorflow as tf

from tfgan_faces.data.sources.photo import HIDDEN, MOST_BYTES, TOO_LARGE, Photo, Source, is_hidden
from tfgan_faces.machine.threads import in_threads
from tfgan_faces.storage.paths import as_path
from tfgan_faces.storage.random_reads import size_and_time

_LOOP = "is a link to a folder that it lies in"


class FolderSource(Source):
    """The photos in a folder tree, in the order of their names; links are followed."""

    def files(self):
        """Yields `(relative path, size, modification time in ns)` of what may be a photo."""
        for photo in self.photos():
            if photo.refusal is None:
                try:
                    status = os.stat(os.path.join(self.path, photo.name))
                except OSError:  # a dangling link or a vanished file is reported when read
                    yield photo.name, -1, 0
                    continue
                yield photo.name, status.st_size, status.st_mtime_ns

    def photos(self):
        """Yields a `Photo` for every file, and for every folder that is left out."""
        unreadable, above = [], {self.path: frozenset([os.path.realpath(self.path)])}
        walk = os.walk(self.path, onerror=unreadable.append, followlinks=True)
        for folder, folders, names in walk:
            for name in sorted(names):
                path = os.path.join(folder, name)
                yield Photo(os.path.relpath(path, self.path), refusal=_refusal(path))
            taken, before = [], above.pop(folder)
            for name in sorted(folders):
                path = os.path.join(folder, name)
                real = os.path.realpath(path)
                if is_hidden(name) or real in before:
                    reason = HIDDEN if is_hidden(name) else _LOOP
                    yield Photo(os.path.relpath(path, self.path) + "/", refusal=reason)
                else:
                    taken.append(name)
                    above[path] = before | {real}
            folders[:] = taken
        for error in unreadable:  # folders; reported when read, like unreadable files
            yield Photo(os.path.relpath(error.filename, self.path))

    @contextlib.contextmanager
    def reader(self):
        """Yields a function of a `Photo` that returns the file's bytes; threads may share it."""
        yield lambda photo: _read(os.path.join(self.path, photo.name), photo.refusal)


class RemoteFolderSource(FolderSource):
    """The photos in a folder tree of an object store, in the order of their names."""

    def files(self):
        """Yields `(relative path, size, modification time in ns)` of what may be a photo."""
        taken = (photo.name for photo in self.photos() if photo.refusal is None)
        names = ((name, os.path.join(self.path, name)) for name in taken)
        for name, found in in_threads(size_and_time, names, self.threads):
            yield name, *found()

    def photos(self):
        """Yields a `Photo` for every object, and for every folder that is left out."""
        return self._below("")

    def _below(self, folder):
        """Yields what lies below a folder: one request for many, as none is looked at."""
        found = tf.io.gfile.listdir(os.path.join(self.path, folder))
        found.sort(key=lambda name: name.rstrip("/"))
        files = [name for name in found if name[-1] != "/"]
        for name in files:
            yield Photo(folder + name, refusal=HIDDEN if is_hidden(name) else None)
        for name in found:
            if name[-1] != "/":  # so TensorFlow marks folders there
                continue
            if is_hidden(name[:-1]):
                yield Photo(folder + name, refusal=HIDDEN)
            else:
                yield from self._below(folder + name)


def _refusal(path):
    """Returns why a file must not be read, or None."""
    if is_hidden(os.path.basename(path)):
        return HIDDEN
    try:
        mode = os.stat(path).st_mode
    except OSError:  # it is told when it is read
        return None
    return None if stat.S_ISREG(mode) else "is no ordinary file"


def _read(path, refusal):
    if refusal:
        raise OSError(refusal)
    with as_path(path).open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(TOO_LARGE)
    return content
