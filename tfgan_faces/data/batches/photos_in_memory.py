"""Decoded photos in memory, for records in an object store."""

from tfgan_faces.data.batches.photos import Photos


class PhotosInMemory(Photos):
    """A selection of the photos in an array, which is not copied.

    Its digest equals the digest of any other reader of the same photos.

    Args:
        images: uint8 array [any count, height, width, 3].
        rows: int array [count], the indices of the selected photos.

    Attributes:
        shape: (count, height, width, 3).
    """

    def __init__(self, images, rows):
        self._images, self._rows = images, rows
        self.shape = (len(rows), *images.shape[1:])

    def __getitem__(self, indices):
        """Returns the photos of a slice, or of a sequence of ints, as a uint8 array."""
        return self._images[self._rows[indices]]
