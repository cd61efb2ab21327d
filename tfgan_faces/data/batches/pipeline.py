"""Endless batches of photos, reshuffled every epoch and flipped at random."""

import numpy as np
import tensorflow as tf

from tfgan_faces.arguments import check_images


def batches(photos, batch_size, seed, first_iteration=0, shard=(0, 1)):
    """Returns endless batches, reshuffled every epoch and flipped at random.

    Batch i is a pure function of (photos, batch_size, seed, i). A resumed run starts at its
    iteration, and no shuffle buffer has to be saved. An epoch shows every photo once. A batch
    may span two epochs. The concatenated shards of all workers equal the batch of a single
    worker.

    Args:
        photos: uint8 array [count, height, width, 3], or an object indexed like one:
            `PhotoFile`, `PhotosInMemory` or `RecordPhotos`, which may have labels.
        batch_size: int, global batch size of all workers; at most `count`.
        seed: int.
        first_iteration: int, index of the first batch.
        shard: pair of ints, this worker's index and the number of workers.

    Returns:
        `tf.data.Dataset` of uint8 tensors [batch_size / workers, height, width, 3]; if the photos
        have labels, of pairs of these and int32 tensors [batch_size / workers].

    Raises:
        ValueError: `batch_size` is less than 1, too large, or not a multiple of the number of
            workers; or the photos are not uint8 images.
    """
    check_images(photos, "photos")
    labels = getattr(photos, "labels", None)
    if not 1 <= batch_size <= len(photos):
        raise ValueError(
            f"`batch_size` must be at least 1 and at most the number of photos, {len(photos)}. "
            f"Received: {batch_size}"
        )
    first_row, rows = rows_of(batch_size, shard)

    def batch(iteration):
        positions = iteration * batch_size + first_row + tf.range(rows, dtype=tf.int64)
        positions = shuffled(positions, len(photos), seed)
        # With op determinism, a stateful function would disable prefetching.
        chosen = tf.numpy_function(photos.__getitem__, [positions], tf.uint8, stateful=False)
        chosen.set_shape((rows, *photos.shape[1:]))
        images = flipped(chosen, batch_size, seed, iteration, shard)
        return images if labels is None else (images, tf.gather(labels, positions))

    numbers = tf.data.Dataset.range(first_iteration, np.iinfo(np.int64).max // batch_size)
    return numbers.map(batch, num_parallel_calls=1, deterministic=True).prefetch(4)


def rows_of(batch_size, shard):
    """Returns the first row of a worker's shard of each batch, and the number of its rows.

    Args:
        batch_size: int, global batch size of all workers.
        shard: pair of ints, the worker's index and the number of workers.

    Raises:
        ValueError: `shard` is invalid, or `batch_size` is not a multiple of the number of
            workers.
    """
    index, workers = shard
    if not 0 <= index < workers:
        raise ValueError(
            "`shard` must be a worker's index, counted from 0, and the number of workers. "
            f"Received: {shard}"
        )
    if batch_size % workers:
        raise ValueError(
            f"`batch_size` must be a multiple of the number of workers, {workers}. "
            f"Received: {batch_size}"
        )
    rows = batch_size // workers
    return index * rows, rows


def flipped(images, batch_size, seed, iteration, shard=(0, 1)):
    """Returns a worker's shard of a batch with about half of the images flipped horizontally.

    Args:
        images: uint8 tensor [batch_size / workers, height, width, 3].
        batch_size: int, global batch size of all workers.
        seed: int.
        iteration: int64 tensor, index of the batch.
        shard: see `batches`.
    """
    first_row, rows = rows_of(batch_size, shard)
    coins = tf.random.stateless_uniform((batch_size, 1, 1, 1), tf.stack([seed, iteration]))
    return tf.where(coins[first_row : first_row + rows] < 0.5, tf.reverse(images, [2]), images)


def shuffled(positions, count, seed):
    """Returns the index of the photo at each position of the endless shuffled sequence.

    Args:
        positions: int64 tensor [n]; position p belongs to epoch p // count.
        count: int, number of photos.
        seed: int.

    Returns:
        int64 tensor [n].
    """
    epochs = tf.cast(positions // count, tf.int32)
    keys = tf.stack([tf.fill(tf.shape(epochs), seed), epochs, tf.zeros_like(epochs)], axis=1)
    last = tf.fill(tf.shape(positions), tf.constant(count - 1, tf.int64))
    # tf.random.experimental.index_shuffle, which wraps this op, pads seeds [n, 2] wrongly.
    return tf.raw_ops.RandomIndexShuffle(
        index=positions % count, seed=keys, max_index=last, rounds=4
    )
