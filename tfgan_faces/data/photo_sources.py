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

from tfgan_faces.errors import UserError

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
MOST_BYTES = 1 << 28  # of one photo; more is a mistake or a bomb
_TOO_LARGE = f"is larger than {MOST_BYTES >> 20} MiB"
_OUTSIDE = "points outside the archive"
_ZIP_SUFFIXES = (".zip",)
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

    Raises:
        UserError: there is no such path, or it is neither a folder nor a known archive.
    """
    if os.path.isdir(path):
        return FolderSource(path)
    if not os.path.exists(path):
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


class FolderSource:
    """The photos in a folder tree, in the order of their names."""

    def __init__(self, path):
        self.path = path

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

    def seekable(self, folder):
        """Returns a source of which any photo can be read at once."""
        del folder
        return self

    def photos(self):
        """Yields a `Photo` for every file."""
        for name, _, _ in self.files():
            yield Photo(name)

    @contextlib.contextmanager
    def reader(self):
        """Yields a function of a `Photo` that returns the file's bytes; threads may share it."""
        yield lambda photo: _read(os.path.join(self.path, photo.name))


class _ArchiveSource:
    """An archive is one file: its size and time stand for those of its members."""

    def __init__(self, path):
        self.path = path

    def files(self):
        status = os.stat(self.path)
        yield os.path.basename(self.path), status.st_size, status.st_mtime_ns

    def seekable(self, folder):
        """Returns a source of which any photo can be read at once."""
        del folder
        return self

    @contextlib.contextmanager
    def _breaking(self):
        try:
            yield
        except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, zlib.error) as error:
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
        with contextlib.suppress(tarfile.ReadError, OSError), tarfile.open(self.path, "r:"):
            return self
        return UnpackedSource(self, os.path.join(folder, "photos.unpacked"))

    def photos(self):
        """Yields a `Photo` for every member."""
        for photo, _ in self.members():
            yield photo

    def members(self):
        """Yields a `Photo` and a function that returns its bytes, before the next is asked for."""
        with self._breaking(), tarfile.open(self.path) as archive:
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
        with open(self.path, "rb", buffering=0) as file:
            yield functools.partial(_read_part, file.fileno())


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
        with open(self.path, "wb") as file:
            for photo, read in self._archive.members():
                content = b"" if photo.refusal else read()
                yield photo._replace(where=(file.tell(), len(content)))
                file.write(content)


class ZipSource(_ArchiveSource):
    """The photos in a .zip, in the archive's order."""

    def photos(self):
        """Yields a `Photo` for every member."""
        with self._breaking(), zipfile.ZipFile(self.path) as archive:
            for number, member in enumerate(archive.infolist()):
                if is_photo(member.filename) and not member.is_dir():
                    outside = _OUTSIDE if _points_outside(member.filename) else None
                    yield Photo(member.filename, number, outside)

    @contextlib.contextmanager
    def reader(self):
        """Yields a function of a `Photo` that returns its bytes; threads may share it."""
        with self._breaking(), zipfile.ZipFile(self.path) as archive:
            members = archive.infolist()
            yield lambda photo: _read_member(archive, members[photo.where], photo.refusal)


def _refusal(member):
    if not member.isfile() or member.issparse():
        return "is a link or device, not a file"
    if _points_outside(member.name):
        return _OUTSIDE
    return _TOO_LARGE if member.size > MOST_BYTES else None


def _read_part(descriptor, photo):
    if photo.refusal:
        raise OSError(photo.refusal)
    start, size = photo.where
    content = os.pread(descriptor, size, start)
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
    with open(path, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(_TOO_LARGE)
    return content
