"""Prepared photos, and endless batches of them."""

import os

import numpy as np
import tensorflow as tf

from tfgan_faces.data.photo_file import PhotoFile, write_photo_file


def read_photos(builder):
    """Returns all prepared photos of a TFDS builder, to be read as they are needed.

    The first time, the records are decoded into one file beside them, in which any photo can
    be found at once.

    Returns:
        `PhotoFile`, in the records' order.
    """
    path = os.path.join(str(builder.data_path), "photos.rgb")
    size, count = builder.info.features["image"].shape[0], builder.info.metadata["photos"]
    if not os.path.exists(path) or os.path.getsize(path) != count * size**2 * 3:
        # Records are read in their order, so that equal seeds give equal batches.
        dataset = builder.as_dataset(split="train", shuffle_files=False).batch(512)
        write_photo_file(path, (batch["image"].numpy() for batch in dataset))
    return PhotoFile(path, size)


def batches(photos, batch_size, seed, first_iteration=0):
    """Returns endless batches: shuffled anew each epoch, flipped at random.

    Batch number i is a pure function of (photos, batch_size, seed, i): a resumed run
    starts at its iteration, and no shuffle buffer has to be saved. An epoch shows every
    photo once; a batch may span two epochs.

    Args:
        photos: `PhotoFile` or uint8 array [count, height, width, 3].
        batch_size: int, at most `count`.
        seed: int.
        first_iteration: int, number of the first batch.

    Returns:
        `tf.data.Dataset` of uint8 tensors [batch_size, height, width, 3].
    """
    if batch_size > len(photos):
        raise ValueError(
            f"`batch_size` must be at most the number of photos, {len(photos)}. "
            f"Received: {batch_size}"
        )

    def batch(iteration):
        places = iteration * batch_size + tf.range(batch_size, dtype=tf.int64)
        places = shuffled(places, len(photos), seed)
        # Not stateful: op determinism would take that for a reason to make nothing ahead.
        chosen = tf.numpy_function(photos.__getitem__, [places], tf.uint8, stateful=False)
        chosen.set_shape((batch_size, *photos.shape[1:]))
        coins = tf.random.stateless_uniform((batch_size, 1, 1, 1), tf.stack([seed, iteration]))
        return tf.where(coins < 0.5, tf.reverse(chosen, [2]), chosen)

    numbers = tf.data.Dataset.range(first_iteration, np.iinfo(np.int64).max // batch_size)
    return numbers.map(batch, num_parallel_calls=1, deterministic=True).prefetch(4)


def shuffled(places, count, seed):
    """Returns which photo stands at each place of the endless shuffled sequence.

    Args:
        places: int64 tensor [n]; place p belongs to epoch p // count.
        count: int, number of photos.
        seed: int.
    """
    epochs = tf.cast(places // count, tf.int32)
    keys = tf.stack([tf.fill(tf.shape(epochs), seed), epochs, tf.zeros_like(epochs)], axis=1)
    last = tf.fill(tf.shape(places), tf.constant(count - 1, tf.int64))
    # The op behind tf.random.experimental.index_shuffle, which pads seeds [n, 2] wrongly.
    return tf.raw_ops.RandomIndexShuffle(index=places % count, seed=keys, max_index=last, rounds=4)
