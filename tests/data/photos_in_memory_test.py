import hashlib

import numpy as np

from tfgan_faces.data.photos_in_memory import PhotosInMemory


def test_photos_are_those_of_the_array(rng):
    images = rng.integers(0, 256, (5, 4, 4, 3), np.uint8)
    photos = PhotosInMemory(images)
    assert (len(photos), photos.shape) == (5, (5, 4, 4, 3))
    np.testing.assert_array_equal(photos[[4, 0, 4]], images[[4, 0, 4]])
    np.testing.assert_array_equal(photos[1:3], images[1:3])
    np.testing.assert_array_equal(np.asarray(photos), images)
    assert np.asarray(photos, np.float32).dtype == np.float32
    assert photos.digest() == hashlib.sha256(images.tobytes()).hexdigest()
