"""The photos in archives, read without unpacking them."""

import contextlib
import functools
import lzma
import os
import tarfile
import zipfile
import zlib
from pathlib import PurePosixPath

import tensorflow as tf

from tfgan_faces.data.sources.photo import MOST_BYTES, TOO_LARGE, Photo, Source, unless_hidden
from tfgan_faces.errors import UserError
from tfgan_faces.storage.paths import as_path, is_remote
from tfgan_faces.storage.random_reads import reading_at, size_and_time

_OUTSIDE = "points outside the archive"
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, zlib.error, lzma.LZMAError)


class _ArchiveSource(Source):
    """An archive is one file: its size and time stand for those of its members."""

    def seekable(self, folder):
        """Returns the source itself, or where photos would come one by one from a store a copy."""
        if not is_remote(self.path) or is_remote(folder):
            return self
        copy = os.path.join(folder, os.path.basename(self.path))
        with self._breaking():
            tf.io.gfile.copy(self.path, copy)
        return type(self)(copy)

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
        """Returns the same as for other archives, or for a compressed one an unpacked copy.

        What is compressed can only be read from its beginning. The copy, a file in `folder`,
        holds the photos' bytes alone, one after the other.
        """
        if self._is_compressed():
            return UnpackedSource(self, os.path.join(folder, "photos.unpacked"))
        return super().seekable(folder)

    def _is_compressed(self):
        try:
            with _opened(self.path) as file, tarfile.open(fileobj=file, mode="r:"):
                return False
        except (tarfile.ReadError, OSError):
            return True

    def photos(self):
        """Yields a `Photo` for every member."""
        for photo, _ in self.members():
            yield photo

    def members(self):
        """Yields a `Photo` and a function that returns its bytes, before the next is asked for."""
        reported = set()
        with self._breaking(), _opened(self.path) as file, tarfile.open(fileobj=file) as archive:
            for member in archive:
                where = (member.offset_data, member.size)
                photo = unless_hidden(Photo(member.name, where, _refusal(member)), reported)
                if photo and not member.isdir():
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
        reported = set()
        with self._breaking(), _opened(self.path) as file, zipfile.ZipFile(file) as archive:
            for number, member in enumerate(archive.infolist()):
                name = member.filename.replace("\\", "/")  # as some programs of Windows write it
                outside = _OUTSIDE if _points_outside(name) else None
                photo = unless_hidden(Photo(name, number, outside), reported)
                if photo and name[-1:] != "/":
                    yield photo

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
    return TOO_LARGE if member.size > MOST_BYTES else None


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
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise OSError(str(error)) from error  # encrypted, of an unknown method, or damaged
    if len(content) > MOST_BYTES:
        raise OSError(TOO_LARGE)
    return content


def _points_outside(name):
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in path.parts[0]
