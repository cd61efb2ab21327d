"""A file of decoded photos of one size, read on demand."""

import contextlib
import os

import numpy as np

from tfgan_faces.data.batches.digests import remembered
from tfgan_faces.data.batches.photos import Photos


class PhotoFile(Photos):
    """Photos on disk, indexed by slices and sequences of ints.

    Only the requested photos are held in memory.

    Args:
        path: path of a file written by `write_photo_file`.
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
        # Unbuffered and read at explicit offsets, so that threads can share it.
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115
        self.shape = (os.path.getsize(path) // self._photo_bytes, *self._photo_shape)

    def __getitem__(self, indices):
        """Returns the photos of a slice, or of a sequence of ints, as a uint8 array."""
        if isinstance(indices, slice):
            indices = range(*indices.indices(len(self)))
        photos = np.empty((len(indices), self._photo_bytes), np.uint8)
        for row, index in zip(photos, indices):
            if not 0 <= index < len(self):
                raise IndexError(
                    f"`indices` must be at least 0 and less than {len(self)}, the number of "
                    f"photos. Received: {index}"
                )
            read = os.preadv(self._file.fileno(), [row], int(index) * self._photo_bytes)
            if read != self._photo_bytes:
                raise OSError(f"{self.path} ends before photo {index}")
        return photos.reshape(-1, *self._photo_shape)

    def digest(self):
        """Returns the hexadecimal SHA-256 of all photos, cached in the same folder."""
        status = os.stat(self.path)
        stamp = [status.st_size, status.st_mtime_ns]
        return remembered(f"{self.path}.sha256", stamp, super().digest)


def write_photo_file(path, batches):
    """Writes a file of photos atomically.

    Args:
        path: path of the file to write or replace.
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
