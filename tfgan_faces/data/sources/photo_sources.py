"""Opens folders and archives of photos: the entry point of this package."""

import hashlib

from tfgan_faces.data.sources.archives import TarSource, ZipSource
from tfgan_faces.data.sources.folders import FolderSource, RemoteFolderSource
from tfgan_faces.data.sources.parquet import SUFFIX, ParquetSource, parquet_files
from tfgan_faces.errors import UserError
from tfgan_faces.storage.paths import as_path, is_remote

_ZIP_SUFFIXES = (".zip",)
_TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")


def open_source(path):
    """Returns a source of the photos at `path`: of a folder, an archive or Parquet files.

    Args:
        path: str, path of a folder, archive or Parquet file, local or in an object store. A folder
            with Parquet files is read from these.

    Raises:
        UserError: `path` does not exist, or is neither a folder nor a supported archive.
    """
    if as_path(path).is_dir():
        tables = parquet_files(path)
        if tables:
            return ParquetSource(path, tables)
        return RemoteFolderSource(path) if is_remote(path) else FolderSource(path)
    if not as_path(path).exists():
        raise UserError(f"--data_dir: there is no folder or archive {path}.")
    if path.endswith(SUFFIX):
        return ParquetSource(path, [path])
    if path.lower().endswith(_ZIP_SUFFIXES):
        return ZipSource(path)
    if path.lower().endswith(_TAR_SUFFIXES):
        return TarSource(path)
    raise UserError(
        f"--data_dir must be a folder, or an archive ending in "
        f"{', '.join((*_ZIP_SUFFIXES, *_TAR_SUFFIXES, SUFFIX))}. Received: {path}"
    )


def fingerprint(source, *settings):
    """Returns a hash of a source's files (path, size, modification time) and of the settings."""
    digest = hashlib.sha256(repr(settings).encode())
    for name, size, modified in source.files():
        digest.update(f"{name}\0{size}\0{modified}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()[:16]
