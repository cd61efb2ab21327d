import hashlib
import os

import numpy as np
import pytest

from tfgan_faces.data.batches.photo_file import PhotoFile, write_photo_file


@pytest.fixture
def array(rng):
    return rng.integers(0, 256, (7, 4, 4, 3), np.uint8)


@pytest.fixture
def photos(array, tmp_path):
    write_photo_file(str(tmp_path / "photos"), [array[:5], array[5:]])
    return PhotoFile(str(tmp_path / "photos"), 4)


def test_reads_like_an_array(photos, array):
    assert photos.shape == array.shape
    assert len(photos) == 7
    np.testing.assert_array_equal(photos[[6, 0, 6]], array[[6, 0, 6]])
    np.testing.assert_array_equal(photos[np.array([3], np.int64)], array[3:4])
    np.testing.assert_array_equal(photos[2:100], array[2:])
    assert photos[[]].shape == (0, 4, 4, 3)


@pytest.mark.parametrize("index", [-1, 7])
def test_an_index_out_of_range_is_an_error(photos, index):
    with pytest.raises(IndexError, match=f"less than 7, the number of photos. Received: {index}"):
        photos[[index]]


def test_digest_is_the_hash_of_the_pixels(photos, array):
    assert photos.digest() == hashlib.sha256(array).hexdigest()


def test_an_interrupted_write_leaves_the_file_unchanged(photos, array, tmp_path):
    def broken():
        yield array[:1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_photo_file(photos.path, broken())
    assert os.listdir(tmp_path) == ["photos"]
    assert len(PhotoFile(photos.path, 4)) == 7
