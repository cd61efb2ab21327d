"""Photos of one size in a file, read from it as they are needed."""

import contextlib
import hashlib
import os

import numpy as np

from tfgan_faces.data.batches.digests import remembered

_DIGEST_BYTES = 1 << 24


class PhotoFile:
    """Photos on disk, indexed by slices and lists of places; memory is that of what is asked.

    Args:
        path: a file of `write_photo_file`.
        image_size: int, height and width of the photos.

    Attributes:
        shape: (count, image_size, image_size, 3).

    Example:

    >>> photos = PhotoFile(path, 32)
    >>> photos[[5, 0, 5]].shape, photos[:2].dtype
    ((3, 32, 32, 3), dtype('uint8'))
    """

    def __init__(self, path, image_size):
        self.path = path
        self._photo_shape = (image_size, image_size, 3)
        self._photo_bytes = 3 * image_size**2
        # Unbuffered and positioned: many threads may read, nothing is kept.
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115
        self.shape = (os.path.getsize(path) // self._photo_bytes, *self._photo_shape)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, places):
        """Returns the photos of a slice, or of a sequence of ints, as a uint8 array."""
        if isinstance(places, slice):
            places = range(*places.indices(len(self)))
        photos = np.empty((len(places), self._photo_bytes), np.uint8)
        for row, place in zip(photos, places):
            if not 0 <= place < len(self):
                raise IndexError(f"there are {len(self)} photos. Received: {place}")
            read = os.preadv(self._file.fileno(), [row], int(place) * self._photo_bytes)
            if read != self._photo_bytes:
                raise OSError(f"{self.path} ends before photo {place}")
        return photos.reshape(-1, *self._photo_shape)

    def __array__(self, dtype=None, copy=None):
        del copy  # it always is one
        return self[:].astype(dtype or np.uint8, copy=False)

    def digest(self):
        """Returns the SHA-256 of all photos, in hexadecimal; noted beside the file."""
        status = os.stat(self.path)
        stamp = [status.st_size, status.st_mtime_ns]
        return remembered(f"{self.path}.sha256", stamp, self._digest)

    def _digest(self):
        digest = hashlib.sha256()
        with open(self.path, "rb") as file:
            while part := file.read(_DIGEST_BYTES):
                digest.update(part)
        return digest.hexdigest()


def write_photo_file(path, batches):
    """Writes photos whole or not at all.

    Args:
        path: the file to write or replace.
        batches: iterable of uint8 arrays [count, height, width, 3].
    """
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "wb") as file:
            for batch in batches:
                file.write(np.ascontiguousarray(batch))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)
