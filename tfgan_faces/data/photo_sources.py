"""Finds photos in folder trees and archives, and reads them without unpacking anything."""

import functools
import hashlib
import os
import stat
import tarfile
import zipfile
from pathlib import PurePosixPath

from tfgan_faces.errors import UserError

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
MOST_BYTES = 1 << 28  # of one photo; more is a mistake or a bomb
_TOO_LARGE = f"is larger than {MOST_BYTES >> 20} MiB"
_ZIP_SUFFIXES = (".zip",)
_TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz")


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

    def photos(self):
        """Yields `(relative path, function that returns the file's bytes)`."""
        for name, _, _ in self.files():
            yield name, functools.partial(_read, os.path.join(self.path, name))


class _ArchiveSource:
    """An archive is one file: its size and time stand for those of its members."""

    def __init__(self, path):
        self.path = path

    def files(self):
        status = os.stat(self.path)
        yield os.path.basename(self.path), status.st_size, status.st_mtime_ns

    def _broken(self, error):
        return UserError(f"--data_dir: the archive {self.path} cannot be read ({error}).")


class TarSource(_ArchiveSource):
    """The photos in a .tar or .tgz, in the archive's order, read as a stream."""

    def photos(self):
        """Yields `(member name, function that returns its bytes)`."""
        try:
            with tarfile.open(self.path) as archive:
                for member in archive:
                    if is_photo(member.name) and not member.isdir():
                        yield member.name, self._reader(archive, member)
        except (tarfile.TarError, EOFError, OSError) as error:
            raise self._broken(error) from error

    def _reader(self, archive, member):
        if not member.isfile():
            return _raiser("is a link or device, not a file")
        if _points_outside(member.name):
            return _raiser("points outside the archive")
        if member.size > MOST_BYTES:
            return _raiser(_TOO_LARGE)
        content = archive.extractfile(member).read()  # now: the stream moves on
        return lambda: content


class ZipSource(_ArchiveSource):
    """The photos in a .zip, in the archive's order."""

    def photos(self):
        """Yields `(member name, function that returns its bytes)`."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                for member in archive.infolist():
                    if is_photo(member.filename) and not member.is_dir():
                        yield member.filename, self._reader(archive, member)
        except (zipfile.BadZipFile, EOFError, OSError) as error:
            raise self._broken(error) from error

    def _reader(self, archive, member):
        if _points_outside(member.filename):
            return _raiser("points outside the archive")
        try:
            with archive.open(member) as file:
                content = file.read(MOST_BYTES + 1)  # what the archive says of sizes may be a lie
        except (RuntimeError, NotImplementedError, zipfile.BadZipFile, OSError) as error:
            return _raiser(str(error))  # encrypted, of an unknown method, or damaged
        return _raiser(_TOO_LARGE) if len(content) > MOST_BYTES else lambda: content


def _points_outside(name):
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in path.parts[0]


def _read(path):
    with open(path, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(_TOO_LARGE)
    return content


def _raiser(reason):
    def read():
        raise OSError(reason)

    return read
