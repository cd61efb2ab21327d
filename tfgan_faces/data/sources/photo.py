"""Photos that were found, and the base class of their sources.

A file's content decides whether it is a photo, not its suffix. Hidden files and system files are
skipped by name, and are reported like unreadable files.
"""

from pathlib import PurePosixPath
from typing import Any, NamedTuple

from tfgan_faces.storage.paths import is_remote

MAX_BYTES = 1 << 28  # per photo; a larger file is a mistake or a decompression bomb
TOO_LARGE = f"is larger than {MAX_BYTES >> 20} MiB"
HIDDEN = "is hidden or belongs to the operating system"
_REMOTE_THREADS = 16  # limited, as each may hold a large photo in memory
_SYSTEM_NAMES = {
    "$recycle.bin",  # Windows
    "desktop.ini",
    "system volume information",
    "thumbs.db",
    "__macosx",  # in archives made on a Mac
    "@eadir",  # Synology's thumbnails
    "lost+found",
}


class Photo(NamedTuple):
    """A photo that was found and not yet read.

    Attributes:
        name: path in the folder or archive.
        where: location in the source, in a form specific to the source.
        refusal: reason not to read the photo, or None.
    """

    name: str
    where: Any = None
    refusal: str | None = None


def is_hidden(name):
    """Returns whether a file or folder of this name is skipped."""
    return name.startswith(".") or name.lower() in _SYSTEM_NAMES


def hidden_part(path):
    """Returns a relative path up to its first hidden part, or None if no part is hidden.

    A hidden folder is returned with a trailing slash.

    Args:
        path: str, separated by slashes.
    """
    parts = [part for part in PurePosixPath(path).parts if part not in ("..", "/")]
    first = next((index for index, part in enumerate(parts) if is_hidden(part)), None)
    if first is None:
        return None
    return "/".join(parts[: first + 1]) + ("/" if first + 1 < len(parts) else "")


def unless_hidden(photo, reported):
    """Returns the photo unless its path has a hidden part.

    If it has one, returns a refused `Photo` that reports the hidden part, or None if that part
    was reported before.

    Args:
        photo: `Photo`.
        reported: set of str, the hidden parts reported so far; updated in place.
    """
    hidden = hidden_part(photo.name)
    if hidden is None:
        return photo
    if hidden in reported:
        return None
    reported.add(hidden)
    return Photo(hidden, refusal=HIDDEN)


class Source:
    """Base class of the sources of photos at a path.

    Attributes:
        path: str.
        threads: int, recommended number of reading threads, or None for the default.
    """

    def __init__(self, path):
        self.path = path
        self.threads = _REMOTE_THREADS if is_remote(path) else None

    def seekable(self, folder):
        """Returns a source that supports random access to its photos.

        Args:
            folder: str, folder for a copy of the photos; all readers must have access to it.
        """
        del folder
        return self
