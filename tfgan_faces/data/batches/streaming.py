"""Endless batches streamed from the record files, for photos that do not fit into memory.

Photos are shuffled in two steps. Each epoch visits the files (shards) in a different order, and
the resulting sequence of photos is shuffled within windows of bounded length.
"""

import numpy as np
import tensorflow as tf

from tfgan_faces.data.batches.pipeline import flipped, rows_of
from tfgan_faces.errors import UserError

_MAX_WINDOW, _MAX_WINDOW_BYTES = 4096, 1 << 26
_LAST_EPOCH = 2**31


def batches(photos, batch_size, seed, first_iteration=0, shard=(0, 1), window=None):
    """Returns endless batches: read shard by shard, shuffled in windows, flipped at random.

    Batch i is a pure function of (photos, batch_size, seed, workers, window, i). Starting at
    batch i requires reading only the remaining part of its window.

    In each epoch, the shards are divided among the workers in a different way. No photo is
    shown twice in an epoch. Every epoch has the number of batches that a worker with the
    smallest shards can fill. A worker's surplus photos are not shown in that epoch. With one
    worker the surplus is less than a batch. With more workers it also includes the photos by
    which the worker's shards exceed the smallest shards.

    Args:
        photos: `RecordPhotos`.
        batch_size: int, global batch size of all workers.
        seed: int, not negative.
        first_iteration: int, index of the first batch.
        shard: pair of ints, this worker's index and the number of workers.
        window: int, approximate number of photos that are shuffled together. The actual number
            is between 0.5 and 1.5 times `window`, and at least a batch. The default is 4096,
            or fewer if 4096 photos exceed 64 MiB. About four windows are in memory at a time.

    Returns:
        `tf.data.Dataset` of uint8 tensors [batch_size / workers, height, width, 3]; if the photos
        have labels, of pairs of these and int32 tensors [batch_size / workers].

    Raises:
        UserError: there are fewer shards than workers.
        ValueError: `batch_size` is too large or not a multiple of the number of workers.
    """
    _, rows = rows_of(batch_size, shard)
    if window is None:
        window = min(_MAX_WINDOW, _MAX_WINDOW_BYTES // np.prod(photos.shape[1:]))
    order = Order(photos.shard_counts, rows, seed, shard, max(window, 2 * rows))
    first_epoch, batches_done = divmod(first_iteration, order.length // rows)

    def windows(epoch):
        position = tf.where(epoch == first_epoch, tf.constant(batches_done * rows, tf.int64), 0)
        # As in `pipeline.batches`, stateful functions would disable prefetching.
        table = tf.numpy_function(order.windows, [epoch, position], tf.int64, stateful=False)
        return tf.data.Dataset.from_tensor_slices(tf.ensure_shape(table, (None, 3)))

    def read(window):
        indices = tf.numpy_function(
            lambda window: order.photos(*window), [window], tf.int64, stateful=False
        )
        images = tf.numpy_function(photos.__getitem__, [indices], tf.uint8, stateful=False)
        images = tf.ensure_shape(images, (None, *photos.shape[1:]))
        if photos.labels is None:
            return (images,)
        return images, tf.gather(photos.labels, tf.ensure_shape(indices, [None]))

    def flip(iteration, read):
        images, *labels = read
        images = flipped(images, batch_size, seed, iteration, shard)
        return (images, *labels) if labels else images

    epochs = tf.data.Dataset.range(first_epoch, _LAST_EPOCH)
    shuffled = epochs.flat_map(windows).map(read).prefetch(1)
    numbered = shuffled.rebatch(rows, drop_remainder=True).enumerate(first_iteration)
    return numbered.map(flip, num_parallel_calls=1, deterministic=True).prefetch(4)


class Order:
    """The order in which a worker shows photos in each epoch.

    Args:
        counts: int array [shards], the number of photos in each shard.
        rows: int, the worker's number of photos per batch.
        seed: int, not negative.
        shard: pair of ints, the worker's index and the number of workers.
        window: int, at least 2, see `batches`.

    Attributes:
        length: int, the number of photos that the worker shows per epoch.

    Raises:
        UserError: there are fewer shards than workers.
        ValueError: the batch is too large.
    """

    def __init__(self, counts, rows, seed, shard, window):
        self._index, workers = shard
        if len(counts) < workers:
            raise UserError(
                f"The photos are stored in {len(counts)} record file(s), too few for {workers} "
                "workers: each worker reads separate files. Use fewer workers or --cache=memory."
            )
        self._counts, self._firsts = counts, np.cumsum(counts) - counts
        self._seed, self._workers, self._window = seed, workers, window
        # The smallest shards determine the length, so that all workers and epochs share it.
        smallest = int(np.sort(counts)[: len(counts) // workers].sum())
        self.length = smallest // rows * rows
        if not self.length:
            raise ValueError(
                f"`batch_size` must be at most {smallest * workers}, {workers} times the number "
                f"of photos in a worker's record files. Received: {rows * workers}"
            )

    def windows(self, epoch, position=0):
        """Returns the windows of an epoch, starting with the one that contains a position.

        Args:
            epoch: int.
            position: int, the number of photos that the worker has already shown in the epoch.

        Returns:
            int64 array [windows, 3]: the epoch, the window's start position in the epoch (for
            the first window `position`), and the window's index.
        """
        starts = self._window_starts(epoch)
        first = np.searchsorted(starts, position, side="right") - 1
        numbers = np.arange(first, np.searchsorted(starts, self.length))
        positions = np.maximum(starts[numbers], position)
        return np.stack([np.full_like(numbers, epoch), positions, numbers], axis=1)

    def photos(self, epoch, position, number):
        """Returns the indices of the photos from a position to the end of its window.

        Args:
            epoch, position, number: a row of `windows`.
        """
        starts = np.append(self._window_starts(epoch), self._counts[self._shards(epoch)].sum())
        start, end = starts[number : number + 2]
        shuffled = start + _permutation(end - start, self._seed, epoch, 1 + self._index, 1 + number)
        return self._photos_at(epoch, shuffled[position - start : self.length - start])

    def _shards(self, epoch):
        """Returns the indices of the worker's shards in an epoch, in order."""
        shuffled = _permutation(len(self._counts), self._seed, epoch)
        return shuffled[self._index :: self._workers]

    def _window_starts(self, epoch):
        """Returns the start positions of the windows.

        They are shifted in each epoch, so that different photos are shuffled together.
        """
        count = self._counts[self._shards(epoch)].sum()
        half = self._window // 2
        random = _draw(1, self._seed, epoch, 1 + self._index)[0]
        shift = half + int(random) % (half + 1)
        # In a very short last window, all photos would always be among those left out.
        return np.array([0, *range(shift, count - half, self._window)], np.int64)

    def _photos_at(self, epoch, positions):
        """Returns the indices of the photos at positions in the concatenated shards."""
        shards = self._shards(epoch)
        ends = np.cumsum(self._counts[shards])
        shard_positions = np.searchsorted(ends, positions, side="right")
        shard = shards[shard_positions]
        return self._firsts[shard] + positions - (ends[shard_positions] - self._counts[shard])


def _permutation(count, *key):
    return np.argsort(_draw(count, *key), kind="stable")


def _draw(count, *key):
    """Returns random uint64 numbers.

    NumPy guarantees that these stay the same in all versions, unlike its permutations.
    """
    return np.random.PCG64(np.random.SeedSequence(key)).random_raw(int(count))
