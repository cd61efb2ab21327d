"""Finds photos in folder trees and archives, and reads them without unpacking anything."""

import contextlib
import functools
import hashlib
import os
import stat
import tarfile
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import tensorflow as tf

from tfgan_faces.data.random_reads import reading_at, size_and_time
from tfgan_faces.data.threads import in_threads
from tfgan_faces.errors import UserError
from tfgan_faces.paths import as_path, is_remote

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
MOST_BYTES = 1 << 28  # of one photo; more is a mistake or a bomb
_TOO_LARGE = f"is larger than {MOST_BYTES >> 20} MiB"
_OUTSIDE = "points outside the archive"
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, zlib.error)
_ZIP_SUFFIXES = (".zip",)
_REMOTE_THREADS = 32
_TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz")


class Photo(NamedTuple):
    """A photo that was found and not yet read.

    Attributes:
        name: its path in the folder or archive.
        where: what its source finds it by.
        refusal: why it must not be read, or None.
    """

    name: str
    where: Any = None
    refusal: str | None = None


def open_source(path):
    """Returns the photos at `path` as a `FolderSource`, `TarSource` or `ZipSource`.

    Args:
        path: str, of a folder or archive, here or in an object store.

    Raises:
        UserError: there is no such path, or it is neither a folder nor a known archive.
    """
    if as_path(path).is_dir():
        return RemoteFolderSource(path) if is_remote(path) else FolderSource(path)
    if not as_path(path).exists():
        raise UserError(f"--data_dir: there is no folder or archive {path}.")
    if path.lower().endswith(_ZIP_SUFFIXES):
        return ZipSource(path)
    if path.lower().endswith(_TAR_SUFFIXES):
        return TarSource(path)
    raise UserError(
        f"--data_dir must be a folder, or an archive ending in "
        f"{', '.join(_ZIP_SUFFIXES + _TAR_SUFFIXES)}. Received: {path}"
    )


def fingerprint(source, *settings):
    """Returns a hash of a source's files (path, size, modification time) and of settings."""
    digest = hashlib.sha256(repr(settings).encode())
    for name, size, modified in source.files():
        digest.update(f"{name}\0{size}\0{modified}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()[:16]


def is_photo(name):
    """Whether a file's name ends like that of a photo; hidden files are none."""
    name = PurePosixPath(name).name
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


class _Source:
    """Photos at one path.

    Attributes:
        path: str.
        threads: int, how many read at the same time with profit, or None for the usual number.
    """

    def __init__(self, path):
        self.path = path
        self.threads = _REMOTE_THREADS if is_remote(path) else None

    def seekable(self, folder):
        """Returns a source of which any photo can be read at once."""
        del folder
        return self


class FolderSource(_Source):
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


class _ArchiveSource(_Source):
    """An archive is one file: its size and time stand for those of its members."""

    def files(self):
        yield os.path.basename(self.path), *size_and_time(self.path)

    @contextlib.contextmanager
    def _breaking(self):
        try:
            yield
        except (*_BROKEN, tf.errors.OpError) as error:
            raise UserError(
                f"--data_dir: the archive {self.path} cannot be read ({error})."
            ) from error


class TarSource(_ArchiveSource):
    """The photos in a .tar or .tgz, in the archive's order."""

    def seekable(self, folder):
        """Returns the source itself, or for a compressed archive one of an unpacked copy.

        What is compressed can only be read from its beginning. The copy, a file in `folder`,
        holds the photos' bytes alone, one after the other.
        """
        with (
            contextlib.suppress(tarfile.ReadError, OSError),
            _opened(self.path) as file,
            tarfile.open(fileobj=file, mode="r:"),
        ):
            return self
        return UnpackedSource(self, os.path.join(folder, "photos.unpacked"))

    def photos(self):
        """Yields a `Photo` for every member."""
        for photo, _ in self.members():
            yield photo

    def members(self):
        """Yields a `Photo` and a function that returns its bytes, before the next is asked for."""
        with self._breaking(), _opened(self.path) as file, tarfile.open(fileobj=file) as archive:
            for member in archive:
                if is_photo(member.name) and not member.isdir():
                    where = (member.offset_data, member.size)
                    photo = Photo(member.name, where, _refusal(member))
                    yield photo, functools.partial(self._content, archive, member)
                archive.members = []  # tarfile keeps all that it has seen

    def _content(self, archive, member):
        with self._breaking():
            return archive.extractfile(member).read()

    @contextlib.contextmanager
    def reader(self):
        """Yields a function of a `Photo` that returns its bytes; threads may share it."""
        with reading_at(self.path) as read:
            yield functools.partial(_read_part, read)


class UnpackedSource(TarSource):
    """The photos of a compressed archive, read from a copy.

    Args:
        archive: `TarSource`.
        copy: path of the file to write.
    """

    def __init__(self, archive, copy):
        super().__init__(copy)
        self._archive = archive

    def photos(self):
        """Yields a `Photo` for every member, and writes the copy meanwhile."""
        first = 0
        with as_path(self.path).open("wb") as file:
            for photo, read in self._archive.members():
                content = b"" if photo.refusal else read()
                yield photo._replace(where=(first, len(content)))
                file.write(content)
                first += len(content)


class ZipSource(_ArchiveSource):
    """The photos in a .zip, in the archive's order."""

    def photos(self):
        """Yields a `Photo` for every member."""
        with self._breaking(), _opened(self.path) as file, zipfile.ZipFile(file) as archive:
            for number, member in enumerate(archive.infolist()):
                if is_photo(member.filename) and not member.is_dir():
                    outside = _OUTSIDE if _points_outside(member.filename) else None
                    yield Photo(member.filename, number, outside)

    @contextlib.contextmanager
    def reader(self):
        """Yields a function of a `Photo` that returns its bytes; threads may share it."""
        with self._breaking(), _opened(self.path) as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            yield lambda photo: _read_member(archive, members[photo.where], photo.refusal)


def _refusal(member):
    if not member.isfile() or member.issparse():
        return "is a link or device, not a file"
    if _points_outside(member.name):
        return _OUTSIDE
    return _TOO_LARGE if member.size > MOST_BYTES else None


def _opened(path):
    """Returns a context with the file of an archive."""
    return as_path(path).open("rb")


def _read_part(read, photo):
    if photo.refusal:
        raise OSError(photo.refusal)
    start, size = photo.where
    content = read(start, size)
    if len(content) != size:
        raise OSError("is cut off by the archive's end")
    return content


def _read_member(archive, member, refusal):
    if refusal:
        raise OSError(refusal)
    try:
        with archive.open(member) as file:
            content = file.read(MOST_BYTES + 1)  # what the archive says of sizes may be a lie
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile, OSError, zlib.error) as error:
        raise OSError(str(error)) from error  # encrypted, of an unknown method, or damaged
    if len(content) > MOST_BYTES:
        raise OSError(_TOO_LARGE)
    return content


def _points_outside(name):
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in path.parts[0]


def _read(path):
    with _opened(path) as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(_TOO_LARGE)
    return content
