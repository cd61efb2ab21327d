"""Photos in this process's memory, for records that lie where no file can be kept beside them."""

import hashlib

import numpy as np


class PhotosInMemory:
    """Photos as an array, with the digest that other readers give.

    Args:
        images: uint8 array [count, height, width, 3].

    Attributes:
        shape: (count, height, width, 3).
    """

    def __init__(self, images):
        self._images = np.ascontiguousarray(images)
        self.shape = images.shape

    def __len__(self):
        return len(self._images)

    def __getitem__(self, places):
        """Returns the photos of a slice, or of a sequence of ints, as a uint8 array."""
        return self._images[places]

    def __array__(self, dtype=None, copy=None):
        del copy
        return self._images.astype(dtype or np.uint8)

    def digest(self):
        """Returns the SHA-256 of all photos, in hexadecimal."""
        return hashlib.sha256(self._images).hexdigest()
