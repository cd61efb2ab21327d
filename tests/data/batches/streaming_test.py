import itertools

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfgan_faces.data.batches import streaming
from tfgan_faces.data.batches.people import held_out
from tfgan_faces.data.batches.record_photos import read_records
from tfgan_faces.data.records.face_drawing import draw_faces
from tfgan_faces.data.records.synthetic_faces import SyntheticFaces, face_attributes
from tfgan_faces.errors import UserError

COUNT = 120
SHARDS = 7


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """107 training faces in 7 shards of different sizes."""
    builder = SyntheticFaces.of(8, str(tmp_path_factory.mktemp("cache")), COUNT)
    builder.download_and_prepare(download_config=tfds.download.DownloadConfig(num_shards=SHARDS))
    return read_records(builder)


@pytest.fixture(scope="module")
def number_of(photos):
    """A dict of the bytes of each photo, flipped or not, to its index."""
    both = {photo.tobytes(): number for number, photo in enumerate(photos[:])}
    flipped = {photo[:, ::-1].tobytes(): number for number, photo in enumerate(photos[:])}
    return {**both, **flipped}


def take(photos, count, batch_size=8, seed=3, window=16, **settings):
    dataset = streaming.batches(photos, batch_size, seed, window=window, **settings)
    return np.stack([batch.numpy() for batch in itertools.islice(dataset, count)])


def epochs(photos, number_of, count, workers=1, index=0, batch_size=6, **settings):
    """Returns the indices of the photos that a worker shows in its first epochs, a row each."""
    smallest = np.sort(photos.shard_counts)[: SHARDS // workers].sum()
    batches = int(smallest) // (batch_size // workers)
    settings = {"batch_size": batch_size, "shard": (index, workers), **settings}
    shown = take(photos, count * batches, **settings).reshape(-1, *photos.shape[1:])
    return np.array([number_of[photo.tobytes()] for photo in shown]).reshape(count, -1)


def test_an_epoch_shows_each_photo_once_and_skips_less_than_a_batch(photos, number_of):
    shown = epochs(photos, number_of, 6)
    assert shown.shape == (6, len(photos) // 6 * 6)
    assert all(len(set(epoch)) == len(epoch) for epoch in shown)
    assert set(shown.ravel()) == set(range(len(photos)))  # each epoch skips others


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_read_separate_shards_and_the_same_number_of_batches(photos, number_of, workers):
    shown = [epochs(photos, number_of, 10, workers, index) for index in range(workers)]
    shard_of = np.repeat(np.arange(SHARDS), photos.shard_counts)
    for of_workers in zip(*shown, strict=True):
        numbers = np.concatenate(of_workers)
        assert len(set(numbers)) == len(numbers)
        shards = [set(shard_of[numbers]) for numbers in of_workers]
        assert not set.intersection(*shards)
        assert max(map(len, shards)) <= -(-SHARDS // workers)
    assert set(np.ravel(shown)) == set(range(len(photos)))


@pytest.mark.parametrize("shard", [(0, 1), (1, 2)])
@pytest.mark.parametrize("first", [1, 5, 13, 14, 31])
def test_resuming_gives_the_same_batches(photos, shard, first):
    whole = take(photos, 40, shard=shard)
    rest = take(photos, 40 - first, shard=shard, first_iteration=first)
    np.testing.assert_array_equal(whole[first:], rest)


def test_the_order_differs_between_epochs_and_seeds(photos, number_of):
    one, other = epochs(photos, number_of, 2), epochs(photos, number_of, 1, seed=4)
    assert (one[0] != one[1]).mean() > 0.9
    assert (one[0] != other[0]).mean() > 0.9
    np.testing.assert_array_equal(one[0], epochs(photos, number_of, 1)[0])


def test_a_window_shuffles_only_its_own_photos(photos):
    order = streaming.Order(photos.shard_counts, 4, 0, (0, 1), 16)
    unshuffled = np.concatenate(
        [
            np.flatnonzero(np.repeat(np.arange(SHARDS), photos.shard_counts) == shard)
            for shard in order._shards(2)
        ]
    )
    start = 0
    for row in order.windows(2):
        numbers = order.photos(*row)
        window = unshuffled[start : start + len(numbers)]
        start += len(numbers)
        if start < order.length:  # the last window skips some photos
            assert 8 <= len(numbers) <= 24
            assert (numbers != window).any()
            np.testing.assert_array_equal(np.sort(numbers), np.sort(window))


def test_held_out_people_are_never_shown(photos, number_of):
    out = held_out([""] * COUNT, [str(number) for number in range(COUNT)], 0.1)
    faces = draw_faces([face_attributes(number) for number in range(COUNT)], 8)
    for face, is_out in zip(faces, out, strict=True):
        assert (face.tobytes() in number_of) != is_out
    epochs(photos, number_of, 3)  # it fails for unknown photos


def test_about_half_of_the_photos_are_flipped_independent_of_the_number_of_workers(photos):
    upright = {photo.tobytes() for photo in photos[:]}
    shown = take(photos, 60)
    flips = [[photo.tobytes() not in upright for photo in batch] for batch in shown]
    assert 0.4 < np.mean(flips) < 0.6
    for index in range(2):
        shard = take(photos, 60, shard=(index, 2))
        shard_flips = [[photo.tobytes() not in upright for photo in batch] for batch in shard]
        np.testing.assert_array_equal(shard_flips, np.array(flips)[:, 4 * index : 4 * index + 4])


def test_more_workers_than_shards_are_refused(photos):
    with pytest.raises(UserError, match=r"in 7 record file.s., too few for 8 workers"):
        streaming.batches(photos, 8, 0, shard=(0, 8))


def test_a_batch_larger_than_a_workers_shards_is_refused(photos):
    with pytest.raises(ValueError, match=f"at most {len(photos)}, 1 times .* Received: 200"):
        streaming.batches(photos, 200, 0)
