"""Sources of photos in folder trees, local and in object stores."""

import contextlib
import os
import stat

import tensorflow as tf

from tfgan_faces.data.sources.photo import HIDDEN, MAX_BYTES, TOO_LARGE, Photo, Source, is_hidden
from tfgan_faces.machine.threads import in_threads
from tfgan_faces.storage.paths import as_path
from tfgan_faces.storage.random_reads import size_and_time

_LOOP = "is a link to a folder that contains it"


class FolderSource(Source):
    """The photos in a folder tree, in the order of their names; links are followed."""

    def files(self):
        """Yields `(relative path, size, modification time in ns)` of each possible photo."""
        for photo in self.photos():
            if photo.refusal is None:
                try:
                    status = os.stat(os.path.join(self.path, photo.name))
                except OSError:  # a dangling link or a deleted file is reported when read
                    yield photo.name, -1, 0
                    continue
                yield photo.name, status.st_size, status.st_mtime_ns

    def photos(self):
        """Yields a `Photo` for every file, and for every folder that is skipped."""
        # Real paths of a folder and of the folders that contain it, to detect loops of links.
        unreadable, ancestors = [], {self.path: frozenset([os.path.realpath(self.path)])}
        walk = os.walk(self.path, onerror=unreadable.append, followlinks=True)
        for folder, folders, names in walk:
            for name in sorted(names):
                path = os.path.join(folder, name)
                yield Photo(os.path.relpath(path, self.path), refusal=_refusal(path))
            kept, real_paths = [], ancestors.pop(folder)
            for name in sorted(folders):
                path = os.path.join(folder, name)
                real_path = os.path.realpath(path)
                if is_hidden(name) or real_path in real_paths:
                    reason = HIDDEN if is_hidden(name) else _LOOP
                    yield Photo(os.path.relpath(path, self.path) + "/", refusal=reason)
                else:
                    kept.append(name)
                    ancestors[path] = real_paths | {real_path}
            folders[:] = kept
        for error in unreadable:  # unreadable folders, reported when read, like files
            yield Photo(os.path.relpath(error.filename, self.path))

    @contextlib.contextmanager
    def reader(self):
        """Yields a function of a `Photo` that returns the file's bytes; threads may share it."""
        yield lambda photo: _read(os.path.join(self.path, photo.name), photo.refusal)


class RemoteFolderSource(FolderSource):
    """The photos in a folder tree of an object store, in the order of their names."""

    def files(self):
        """Yields `(relative path, size, modification time in ns)` of each possible photo."""
        names = (photo.name for photo in self.photos() if photo.refusal is None)
        paths = ((name, os.path.join(self.path, name)) for name in names)
        for name, get_size_and_time in in_threads(size_and_time, paths, self.threads):
            yield name, *get_size_and_time()

    def photos(self):
        """Yields a `Photo` for every object, and for every folder that is skipped."""
        return self._walk("")

    def _walk(self, folder):
        """Yields the photos below a folder. Lists objects only, without a request for each."""
        names = tf.io.gfile.listdir(os.path.join(self.path, folder))
        names.sort(key=lambda name: name.rstrip("/"))
        files = [name for name in names if name[-1] != "/"]
        for name in files:
            yield Photo(folder + name, refusal=HIDDEN if is_hidden(name) else None)
        for name in names:
            if name[-1] != "/":  # TensorFlow appends a slash to the names of remote folders
                continue
            if is_hidden(name[:-1]):
                yield Photo(folder + name, refusal=HIDDEN)
            else:
                yield from self._walk(folder + name)


def _refusal(path):
    """Returns the reason not to read a file, or None."""
    if is_hidden(os.path.basename(path)):
        return HIDDEN
    try:
        mode = os.stat(path).st_mode
    except OSError:  # reported when the file is read
        return None
    return None if stat.S_ISREG(mode) else "is not a regular file"


def _read(path, refusal):
    if refusal:
        raise OSError(refusal)
    with as_path(path).open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise OSError(TOO_LARGE)
    return content
