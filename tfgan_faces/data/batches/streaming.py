"""Endless batches streamed from the record files, for photos that do not fit into memory.

Photos are shuffled in two steps: an epoch goes through the files (shards) in another order,
and the photos along the way are shuffled within windows of bounded length.
"""

import numpy as np
import tensorflow as tf

from tfgan_faces.data.batches.pipeline import flipped, rows_of
from tfgan_faces.errors import UserError

_WINDOW, _WINDOW_BYTES = 4096, 1 << 26
_LAST_EPOCH = 2**31


def batches(photos, batch_size, seed, first_iteration=0, share=(0, 1), window=None):
    """Returns endless batches: read shard by shard, shuffled in windows, flipped at random.

    Batch number i is a pure function of (photos, batch_size, seed, workers, window, i). To
    begin at it takes no more reading than the rest of its window.

    Each worker reads shards of its own, others in every epoch. No photo is shown twice in an
    epoch; all epochs have as many batches as the workers could fill if they had the smallest
    shards. What is left of the worker's photos is not shown in that epoch: with one worker
    less than a batch, with more also by how much its shards are larger.

    Args:
        photos: `RecordPhotos`.
        batch_size: int, of all workers together.
        seed: int, not negative.
        first_iteration: int, number of the first batch.
        share: pair of ints, this worker's index and the number of workers.
        window: int, photos that are shuffled among each other, about: between half of it and
            one and a half, and never fewer than a batch. By default 4096, or as many as take
            64 MiB where those are fewer. Some four windows are in memory at a time.

    Returns:
        `tf.data.Dataset` of uint8 tensors [batch_size / workers, height, width, 3].

    Raises:
        UserError: there are fewer shards than workers.
        ValueError: `batch_size` is too large, or not divided by the number of workers.
    """
    _, rows = rows_of(batch_size, share)
    if window is None:
        window = min(_WINDOW, _WINDOW_BYTES // np.prod(photos.shape[1:]))
    order = Order(photos.shard_counts, rows, seed, share, max(window, 2 * rows))
    first_epoch, done = divmod(first_iteration, order.length // rows)

    def windows(epoch):
        place = tf.where(epoch == first_epoch, tf.constant(done * rows, tf.int64), 0)
        found = tf.numpy_function(order.windows, [epoch, place], tf.int64, stateful=False)
        return tf.data.Dataset.from_tensor_slices(tf.ensure_shape(found, (None, 3)))

    def read(window):
        # Not stateful, as in `pipeline.batches`: it would not be read ahead.
        chosen = tf.numpy_function(
            lambda window: photos[order.photos(*window)], [window], tf.uint8, stateful=False
        )
        return tf.ensure_shape(chosen, (None, *photos.shape[1:]))

    def flip(iteration, images):
        return flipped(images, batch_size, seed, iteration, share)

    epochs = tf.data.Dataset.range(first_epoch, _LAST_EPOCH)
    shown = epochs.flat_map(windows).map(read).prefetch(1)
    numbered = shown.rebatch(rows, drop_remainder=True).enumerate(first_iteration)
    return numbered.map(flip, num_parallel_calls=1, deterministic=True).prefetch(4)


class Order:
    """Which photos a worker shows in an epoch, and in which order.

    Args:
        counts: int array [shards], the photos in each.
        rows: int, the worker's photos in a batch.
        seed: int, not negative.
        share: pair of ints, the worker's index and the number of workers.
        window: int, see `batches`; at least 2.

    Attributes:
        length: int, the photos that the worker shows in an epoch.
    """

    def __init__(self, counts, rows, seed, share, window):
        self._index, workers = share
        if len(counts) < workers:
            raise UserError(
                f"The photos lie in {len(counts)} record file(s), too few for {workers} workers, "
                "each of which reads its own; take fewer workers, or --cache=memory."
            )
        self._counts, self._firsts = counts, np.cumsum(counts) - counts
        self._seed, self._workers, self._window = seed, workers, window
        # The same for every worker and epoch, whichever shards fall to them.
        fewest = int(np.sort(counts)[: len(counts) // workers].sum())
        self.length = fewest // rows * rows
        if not self.length:
            raise ValueError(
                f"`batch_size` must be at most {fewest * workers}, {workers} times the photos in "
                f"a worker's record files. Received: {rows * workers}"
            )

    def windows(self, epoch, place=0):
        """Returns where the windows of an epoch, from the one at a place on, begin and end.

        Args:
            epoch: int.
            place: int, the number of the worker's photos in the epoch that were shown before.

        Returns:
            int64 array [windows, 3]: the epoch, the place within it that the window begins at
            (or `place`, within the first), and the number of the window.
        """
        begins = self._begins(epoch)
        number = np.searchsorted(begins, place, side="right") - 1
        rest = np.arange(number, np.searchsorted(begins, self.length))
        places = np.maximum(begins[rest], place)
        return np.stack([np.full_like(rest, epoch), places, rest], axis=1)

    def photos(self, epoch, place, number):
        """Returns which photos are shown from a place on to the end of its window.

        Args:
            epoch, place, number: a row of `windows`.
        """
        begins = np.append(self._begins(epoch), self._counts[self._shards(epoch)].sum())
        begin, end = begins[number : number + 2]
        shuffled = begin + _permutation(end - begin, self._seed, epoch, 1 + self._index, 1 + number)
        return self._photos_at(epoch, shuffled[place - begin : self.length - begin])

    def _shards(self, epoch):
        """The worker's shards in an epoch, in order."""
        shuffled = _permutation(len(self._counts), self._seed, epoch)
        return shuffled[self._index :: self._workers]

    def _begins(self, epoch):
        """Where the windows begin: elsewhere in each epoch, so that other photos meet."""
        count = self._counts[self._shards(epoch)].sum()
        half = self._window // 2
        drawn = _draw(1, self._seed, epoch, 1 + self._index)[0]
        shift = half + int(drawn) % (half + 1)
        # The last window is not so short that always its photos were those that are left out.
        return np.array([0, *range(shift, count - half, self._window)], np.int64)

    def _photos_at(self, epoch, places):
        """Returns the numbers of the photos at some places of the shards' photos in order."""
        shards = self._shards(epoch)
        ends = np.cumsum(self._counts[shards])
        which = np.searchsorted(ends, places, side="right")
        shard = shards[which]
        return self._firsts[shard] + places - (ends[which] - self._counts[shard])


def _permutation(count, *key):
    return np.argsort(_draw(count, *key), kind="stable")


def _draw(count, *key):
    """Returns uint64 numbers that NumPy promises never to change, unlike its permutations."""
    return np.random.PCG64(np.random.SeedSequence(key)).random_raw(int(count))
