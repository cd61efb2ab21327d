import hashlib

import numpy as np

from tfgan_faces.data.batches.photos_in_memory import PhotosInMemory


def test_photos_are_the_selected_rows_of_the_array(rng):
    images = rng.integers(0, 256, (700, 4, 4, 3), np.uint8)
    rows = np.arange(0, 700, 2)
    photos, chosen = PhotosInMemory(images, rows), images[::2]
    assert (len(photos), photos.shape) == (350, (350, 4, 4, 3))
    np.testing.assert_array_equal(photos[[4, 0, 4]], chosen[[4, 0, 4]])
    np.testing.assert_array_equal(photos[1:3], chosen[1:3])
    assert photos[[]].shape == (0, 4, 4, 3)
    np.testing.assert_array_equal(np.asarray(photos), chosen)
    assert np.asarray(photos, np.float32).dtype == np.float32
    assert photos.digest() == hashlib.sha256(chosen.tobytes()).hexdigest()
