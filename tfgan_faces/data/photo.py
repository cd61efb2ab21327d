"""A photo that was found, and where photos are found."""

from pathlib import PurePosixPath
from typing import Any, NamedTuple

from tfgan_faces.paths import is_remote

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
MOST_BYTES = 1 << 28  # of one photo; more is a mistake or a bomb
TOO_LARGE = f"is larger than {MOST_BYTES >> 20} MiB"
_REMOTE_THREADS = 16  # each may hold a large photo


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


def is_photo(name):
    """Whether a file's name ends like that of a photo; hidden files are none."""
    name = PurePosixPath(name).name
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


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
