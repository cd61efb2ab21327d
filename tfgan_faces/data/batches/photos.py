"""Base class of the readers of prepared photos."""

import hashlib

import numpy as np

from tfgan_faces.data.batches import pipeline

_CHUNK_SIZE = 256


class Photos:
    """Prepared photos, indexed like a uint8 array [count, size, size, 3].

    Attributes:
        shape: (count, size, size, 3).
        labels: int32 array [count], the index of each photo's label, or None.
    """

    labels = None
    shape = None

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, indices):
        """Returns the photos of a slice, or of a sequence of ints, as a uint8 array."""
        raise NotImplementedError

    def __array__(self, dtype=None, copy=None):
        del copy  # the result is always a copy
        return self[:].astype(dtype or np.uint8, copy=False)

    def batches(self, batch_size, seed, first_iteration=0, shard=(0, 1)):
        """Returns endless batches, see `pipeline.batches`."""
        return pipeline.batches(self, batch_size, seed, first_iteration, shard)

    def digest(self):
        """Returns the hexadecimal SHA-256 of all photos, which identifies a data set."""
        digest = hashlib.sha256()
        for start in range(0, len(self), _CHUNK_SIZE):
            digest.update(self[start : start + _CHUNK_SIZE])
        return digest.hexdigest()
