"""Prepared photos, and endless batches of them."""

import os
import re
import weakref

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from tfgan_faces.data.batches.people import held_out
from tfgan_faces.data.batches.photo_file import PhotoFile, write_photo_file
from tfgan_faces.data.batches.photos_in_memory import PhotosInMemory
from tfgan_faces.image_arrays import check_images
from tfgan_faces.storage.locking import locked
from tfgan_faces.storage.paths import is_remote

SIDES = ("training", "held_out")
_LEFTOVER = re.compile(rf"({'|'.join(SIDES)})\.rgb\.[0-9]+")  # as `write_photo_file` names it
_in_memory = weakref.WeakKeyDictionary()  # of builders; both sides share the images


def read_photos(builder, people="training"):
    """Returns prepared photos of a TFDS builder, to be read as they are needed.

    The first time, the records are decoded into files beside them, in which any photo can
    be found at once; those in an object store are decoded into memory, once for a builder. A
    tenth of the people is held out, to judge generators by.

    Args:
        builder: prepared TFDS builder.
        people: `"training"` or `"held_out"`.

    Returns:
        `PhotoFile` or `PhotosInMemory`, in the records' order.
    """
    folder = str(builder.data_path)
    if is_remote(folder):
        images, out = _decoded(builder)
        return PhotosInMemory(images, np.flatnonzero(out == (people == "held_out")))
    paths = {side: os.path.join(folder, f"{side}.rgb") for side in SIDES}
    size, count = builder.info.features["image"].shape[0], builder.info.metadata["photos"]
    if not _are_written(paths.values(), count * size**2 * 3):
        with locked(os.path.join(folder, ".rgb.lock")):
            if not _are_written(paths.values(), count * size**2 * 3):
                _write_sides(builder, paths)
    return PhotoFile(paths[people], size)


def _are_written(paths, size):
    written = [os.path.getsize(path) for path in paths if os.path.exists(path)]
    return len(written) == len(SIDES) and sum(written) == size


def _write_sides(builder, paths):
    for name in os.listdir(builder.data_path):
        if _LEFTOVER.fullmatch(name):  # of a killed process: the lock is held
            os.remove(os.path.join(builder.data_path, name))
    out = held_out(*people_and_names(builder))
    for side, path in paths.items():
        write_photo_file(path, _images(builder, out == (side == "held_out")))


def _decoded(builder):
    """Returns all images in the records' order, and which are of held-out people."""
    if builder not in _in_memory:
        size, count = builder.info.features["image"].shape[0], builder.info.metadata["photos"]
        images, people = np.empty((count, size, size, 3), np.uint8), []
        wanted = {"image": True, **_names_of(builder)}
        for row, example in zip(images, _examples(builder, wanted).as_numpy_iterator()):
            row[:] = example["image"]
            people.append(_person_and_name(example))
        _in_memory[builder] = images, held_out(*zip(*people))
    return _in_memory[builder]


def people_and_names(builder):
    """Returns the person (folder) and the name of each photo in the records' order: two lists.

    Drawn faces have no folder: their persons are empty.
    """
    examples = _examples(builder, _names_of(builder)).as_numpy_iterator()
    people, names = zip(*map(_person_and_name, examples))
    return list(people), list(names)


def _names_of(builder):
    return {name: True for name in ("label", "name") if name in builder.info.features}


def _person_and_name(example):
    return example.get("label", b"").decode(), example["name"].decode()


def attributes(builder):
    """Returns how drawn faces were drawn: for each side a dict of name to array [count]."""
    examples = _examples(builder, {"attributes": True}).as_numpy_iterator()
    drawn = [example["attributes"] for example in examples]
    columns = {name: np.array([face[name] for face in drawn]) for name in drawn[0]}
    out = held_out(*people_and_names(builder))
    return {
        side: {name: column[out == (side == "held_out")] for name, column in columns.items()}
        for side in SIDES
    }


def _examples(builder, wanted):
    """Returns a dataset of the wanted features of each record, file after file."""
    return builder.as_dataset(
        split="train",
        shuffle_files=False,
        decoders=tfds.decode.PartialDecoding(wanted),
        # By default TFDS takes turns among the files, and the order would be one of their number.
        read_config=tfds.ReadConfig(interleave_cycle_length=1),
    )


def _images(builder, chosen):
    """Yields the records' chosen images in batches, in order, so that equal seeds agree."""
    first = 0
    for batch in _examples(builder, {"image": True}).batch(512):
        images = batch["image"].numpy()
        yield images[chosen[first : first + len(images)]]
        first += len(images)


def batches(photos, batch_size, seed, first_iteration=0, share=(0, 1)):
    """Returns endless batches: shuffled anew each epoch, flipped at random.

    Batch number i is a pure function of (photos, batch_size, seed, i): a resumed run
    starts at its iteration, and no shuffle buffer has to be saved. An epoch shows every
    photo once; a batch may span two epochs. The shares of all workers, one after the other,
    are the very batch that a single worker gets.

    Args:
        photos: uint8 array [count, height, width, 3], or what is indexed like one: `PhotoFile`,
            `PhotosInMemory` or `RecordPhotos`.
        batch_size: int, at most `count`; of all workers together.
        seed: int.
        first_iteration: int, number of the first batch.
        share: pair of ints, this worker's index and the number of workers.

    Returns:
        `tf.data.Dataset` of uint8 tensors [batch_size / workers, height, width, 3].

    Raises:
        ValueError: `batch_size` is too large, or not divided by the number of workers; or the
            photos are no uint8 images.
    """
    check_images(photos, "photos")
    first_row, rows = rows_of(batch_size, share)
    if batch_size > len(photos):
        raise ValueError(
            f"`batch_size` must be at most the number of photos, {len(photos)}. "
            f"Received: {batch_size}"
        )

    def batch(iteration):
        places = iteration * batch_size + first_row + tf.range(rows, dtype=tf.int64)
        places = shuffled(places, len(photos), seed)
        # Not stateful: op determinism would take that for a reason to make nothing ahead.
        chosen = tf.numpy_function(photos.__getitem__, [places], tf.uint8, stateful=False)
        chosen.set_shape((rows, *photos.shape[1:]))
        return flipped(chosen, batch_size, seed, iteration, share)

    numbers = tf.data.Dataset.range(first_iteration, np.iinfo(np.int64).max // batch_size)
    return numbers.map(batch, num_parallel_calls=1, deterministic=True).prefetch(4)


def rows_of(batch_size, share):
    """Returns the first row of a worker's share of each batch, and the number of its rows.

    Args:
        batch_size: int, of all workers together.
        share: pair of ints, the worker's index and the number of workers.
    """
    index, workers = share
    if not 0 <= index < workers:
        raise ValueError(
            "`share` must be a worker's index, from 0, and the number of workers. "
            f"Received: {share}"
        )
    if batch_size % workers:
        raise ValueError(
            f"`batch_size` must be a multiple of the number of workers, {workers}. "
            f"Received: {batch_size}"
        )
    rows = batch_size // workers
    return index * rows, rows


def flipped(images, batch_size, seed, iteration, share=(0, 1)):
    """Returns a worker's share of a batch with about half of the images flipped.

    Args:
        images: uint8 tensor [batch_size / workers, height, width, 3].
        batch_size: int, of all workers together.
        seed: int.
        iteration: int64 tensor, the batch's number.
        share: see `batches`.
    """
    first_row, rows = rows_of(batch_size, share)
    coins = tf.random.stateless_uniform((batch_size, 1, 1, 1), tf.stack([seed, iteration]))
    return tf.where(coins[first_row : first_row + rows] < 0.5, tf.reverse(images, [2]), images)


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
