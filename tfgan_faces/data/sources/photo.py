"""A photo that was found, and where photos are found.

Whether a file is a photo, its content tells, not the end of its name. What is hidden or the
system's own is no one's photo: it is left out by its name, and reported like what cannot be read.
"""

from pathlib import PurePosixPath
from typing import Any, NamedTuple

from tfgan_faces.storage.paths import is_remote

MOST_BYTES = 1 << 28  # of one photo; more is a mistake or a bomb
TOO_LARGE = f"is larger than {MOST_BYTES >> 20} MiB"
HIDDEN = "is hidden, or the system's own"
_REMOTE_THREADS = 16  # each may hold a large photo
_SYSTEM = {
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
        name: its path in the folder or archive.
        where: what its source finds it by.
        refusal: why it must not be read, or None.
    """

    name: str
    where: Any = None
    refusal: str | None = None


def is_hidden(name):
    """Whether the name of a file or folder is one that is left out."""
    return name.startswith(".") or name.lower() in _SYSTEM


def hidden_part(path):
    """Returns a relative path up to its first hidden part, with a slash for a folder, or None.

    Args:
        path: str, with slashes.
    """
    parts = [part for part in PurePosixPath(path).parts if part not in ("..", "/")]
    found = next((place for place, part in enumerate(parts) if is_hidden(part)), None)
    if found is None:
        return None
    return "/".join(parts[: found + 1]) + ("/" if found + 1 < len(parts) else "")


def unless_hidden(photo, reported):
    """Returns the photo, or what reports that its name is hidden, or None when that was done.

    Args:
        photo: `Photo`.
        reported: set of str, the hidden names that were reported; it grows.
    """
    hidden = hidden_part(photo.name)
    if hidden is None:
        return photo
    if hidden in reported:
        return None
    reported.add(hidden)
    return Photo(hidden, refusal=HIDDEN)


class Source:
    """Photos at one path.

    Attributes:
        path: str.
        threads: int, how many read at the same time with profit, or None for the usual number.
    """

    def __init__(self, path):
        self.path = path
        self.threads = _REMOTE_THREADS if is_remote(path) else None

    def seekable(self, folder):
        """Returns a source of which any photo can be read at once.

        Args:
            folder: str, where a copy may be written that whoever reads the photos reaches.
        """
        del folder
        return self
