import itertools

import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.data.batches import pipeline


@pytest.fixture
def photos(rng):
    return rng.integers(0, 256, (10, 4, 4, 3), np.uint8)


def take(photos, count, **settings):
    dataset = pipeline.batches(photos, **settings)
    return [batch.numpy() for batch in itertools.islice(dataset, count)]


def test_resuming_gives_the_same_batches(photos):
    whole = take(photos, 9, batch_size=4, seed=3)
    rest = take(photos, 4, batch_size=4, seed=3, first_iteration=5)
    np.testing.assert_array_equal(whole[5:], rest)
    assert whole[0].dtype == np.uint8


def test_every_epoch_shows_every_photo_once_in_a_different_order():
    order = pipeline.shuffled(tf.range(300, dtype=tf.int64), 100, seed=1).numpy().reshape(3, 100)
    np.testing.assert_array_equal(np.sort(order), np.tile(np.arange(100), (3, 1)))
    assert (order[0] != order[1]).mean() > 0.9
    other = pipeline.shuffled(tf.range(100, dtype=tf.int64), 100, seed=2).numpy()
    assert (order[0] != other).mean() > 0.9


def test_about_half_of_the_photos_are_flipped_and_otherwise_unchanged(photos):
    known = {photo.tobytes(): False for photo in photos}
    known |= {np.ascontiguousarray(photo[:, ::-1]).tobytes(): True for photo in photos}
    flips = [known[p.tobytes()] for batch in take(photos, 50, batch_size=10, seed=0) for p in batch]
    assert 0.4 < np.mean(flips) < 0.6


def test_a_batch_larger_than_the_data_set_is_refused(photos):
    with pytest.raises(ValueError, match="batch_size.*10.*Received: 11"):
        pipeline.batches(photos, batch_size=11, seed=0)


@pytest.mark.parametrize("workers", [2, 3])
def test_the_shards_of_all_workers_form_the_batches_of_a_single_worker(photos, workers):
    whole = take(photos, 5, batch_size=6, seed=3)
    shards = [
        take(photos, 5, batch_size=6, seed=3, shard=(index, workers)) for index in range(workers)
    ]
    assert {len(batch) for batch in shards[0]} == {6 // workers}
    np.testing.assert_array_equal(np.concatenate(shards, axis=1), whole)


def test_a_batch_size_not_divisible_by_the_workers_is_refused(photos):
    with pytest.raises(ValueError, match="multiple of the number of workers, 3. Received: 4"):
        pipeline.batches(photos, batch_size=4, seed=0, shard=(0, 3))


@pytest.mark.parametrize("shard", [(-1, 2), (2, 2), (0, 0)])
def test_an_invalid_worker_index_is_refused(photos, shard):
    with pytest.raises(ValueError, match="`shard` must be a worker's index"):
        pipeline.batches(photos, batch_size=4, seed=0, shard=shard)
