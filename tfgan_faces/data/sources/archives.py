"""Sources of photos in tar and zip archives."""

import contextlib
import functools
import lzma
import os
import tarfile
import zipfile
import zlib
from pathlib import PurePosixPath

import tensorflow as tf

from tfgan_faces.data.sources.photo import MAX_BYTES, TOO_LARGE, Photo, Source, unless_hidden
from tfgan_faces.errors import UserError
from tfgan_faces.storage.paths import as_path, is_remote
from tfgan_faces.storage.random_reads import reading_at, size_and_time

_OUTSIDE = "points outside the archive"
_ARCHIVE_ERRORS = (
    tarfile.TarError,
    zipfile.BadZipFile,
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
)


class _ArchiveSource(Source):
    """Base class of the archive sources."""

    def seekable(self, folder):
        """Returns a local copy of a remote archive if `folder` is local, else the source itself.

        Reading from the copy avoids a request to the object store for each photo.
        """
        if not is_remote(self.path) or is_remote(folder):
            return self
        copy = os.path.join(folder, os.path.basename(self.path))
        with self._guarded():
            tf.io.gfile.copy(self.path, copy)
        return type(self)(copy)

    def files(self):
        """Yields the name, size and modification time in ns of the archive, not of its members."""
        yield os.path.basename(self.path), *size_and_time(self.path)

    @contextlib.contextmanager
    def _guarded(self):
        """Raises read errors as a UserError that names the archive."""
        try:
            yield
        except (*_ARCHIVE_ERRORS, tf.errors.OpError) as error:
            raise UserError(
                f"--data_dir: the archive {self.path} cannot be read ({error})."
            ) from error


class TarSource(_ArchiveSource):
    """The photos in a tar archive, compressed or not, in the archive's order."""

    def seekable(self, folder):
        """Returns an `UnpackedSource` for a compressed archive, else as for other archives.

        A compressed archive can only be read sequentially. The copy is a file in `folder` that
        contains the concatenated bytes of the photos.
        """
        if self._is_compressed():
            return UnpackedSource(self, os.path.join(folder, "photos.unpacked"))
        return super().seekable(folder)

    def _is_compressed(self):
        try:
            with _open(self.path) as file, tarfile.open(fileobj=file, mode="r:"):
                return False
        except (tarfile.ReadError, OSError):
            return True

    def photos(self):
        """Yields a `Photo` for every member."""
        for photo, _ in self.members():
            yield photo

    def members(self):
        """Yields a `Photo` and a function that returns its bytes, for every member.

        The function must be called before the next pair is requested.
        """
        reported = set()
        with self._guarded(), _open(self.path) as file, tarfile.open(fileobj=file) as archive:
            for member in archive:
                where = (member.offset_data, member.size)
                photo = unless_hidden(Photo(member.name, where, _refusal(member)), reported)
                if photo and not member.isdir():
                    yield photo, functools.partial(self._content, archive, member)
                archive.members = []  # otherwise, tarfile keeps all members in memory

    def _content(self, archive, member):
        with self._guarded():
            return archive.extractfile(member).read()

    @contextlib.contextmanager
    def reader(self):
        """Yields a function of a `Photo` that returns its bytes; threads may share it."""
        with reading_at(self.path) as read:
            yield functools.partial(_read_part, read)


class UnpackedSource(TarSource):
    """The photos of a compressed archive, read from an uncompressed copy.

    Args:
        archive: `TarSource`.
        copy: path of the file to write.
    """

    def __init__(self, archive, copy):
        super().__init__(copy)
        self._archive = archive

    def photos(self):
        """Yields a `Photo` for every member, and writes the copy at the same time."""
        offset = 0
        with as_path(self.path).open("wb") as file:
            for photo, read in self._archive.members():
                content = b"" if photo.refusal else read()
                yield photo._replace(where=(offset, len(content)))
                file.write(content)
                offset += len(content)


class ZipSource(_ArchiveSource):
    """The photos in a zip archive, in the archive's order."""

    def photos(self):
        """Yields a `Photo` for every member."""
        reported = set()
        with self._guarded(), _open(self.path) as file, zipfile.ZipFile(file) as archive:
            for index, member in enumerate(archive.infolist()):
                name = member.filename.replace("\\", "/")  # some Windows programs write these
                refusal = _OUTSIDE if _points_outside(name) else None
                photo = unless_hidden(Photo(name, index, refusal), reported)
                if photo and name[-1:] != "/":
                    yield photo

    @contextlib.contextmanager
    def reader(self):
        """Yields a function of a `Photo` that returns its bytes; threads may share it."""
        with self._guarded(), _open(self.path) as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            yield lambda photo: _read_member(archive, members[photo.where], photo.refusal)


def _refusal(member):
    if not member.isfile() or member.issparse():
        return "is a link or device, not a file"
    if _points_outside(member.name):
        return _OUTSIDE
    return TOO_LARGE if member.size > MAX_BYTES else None


def _open(path):
    return as_path(path).open("rb")


def _read_part(read, photo):
    if photo.refusal:
        raise OSError(photo.refusal)
    offset, size = photo.where
    content = read(offset, size)
    if len(content) != size:
        raise OSError("is cut off at the end of the archive")
    return content


def _read_member(archive, member, refusal):
    if refusal:
        raise OSError(refusal)
    try:
        with archive.open(member) as file:
            content = file.read(MAX_BYTES + 1)  # the size in the archive's directory may be wrong
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        # The member is encrypted, uses an unknown compression method, or is damaged.
        raise OSError(str(error)) from error
    if len(content) > MAX_BYTES:
        raise OSError(TOO_LARGE)
    return content


def _points_outside(name):
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or any(":" in part for part in path.parts[:1])
