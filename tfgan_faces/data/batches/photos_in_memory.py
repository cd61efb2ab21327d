"""Photos in this process's memory, for records that lie where no file can be kept beside them."""

import hashlib

import numpy as np

_AT_ONCE = 256


class PhotosInMemory:
    """Some of an array's photos, without a copy of them, and with the digest of other readers.

    Args:
        images: uint8 array [any count, height, width, 3].
        rows: int array [count], which of them.

    Attributes:
        shape: (count, height, width, 3).
    """

    def __init__(self, images, rows):
        self._images, self._rows = images, rows
        self.shape = (len(rows), *images.shape[1:])

    def __len__(self):
        return len(self._rows)

    def __getitem__(self, places):
        """Returns the photos of a slice, or of a sequence of ints, as a uint8 array."""
        return self._images[self._rows[places]]

    def __array__(self, dtype=None, copy=None):
        del copy  # it always is one
        return self[:].astype(dtype or np.uint8, copy=False)

    def digest(self):
        """Returns the SHA-256 of all photos, in hexadecimal."""
        digest = hashlib.sha256()
        for first in range(0, len(self), _AT_ONCE):
            digest.update(self[first : first + _AT_ONCE])
        return digest.hexdigest()
