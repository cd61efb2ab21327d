"""Iterators over batches that TensorFlow's graphs advance."""

import itertools

import tensorflow as tf

# Any other iterator is advanced only once, while a graph is traced. Every turn would get the same
# batch.
_OF_TENSORFLOW = (tf.data.Iterator, tf.distribute.DistributedIterator)


def iterator_of(batches, batch_size):
    """Returns an iterator for `Trainer.train_step`.

    Args:
        batches: iterable of batches, see `Trainer.fit`.
        batch_size: int, the required number of photos in each batch.

    Raises:
        ValueError: there is no batch, or the first one has another size, or its photos are not
            uint8 images.
    """
    iterator = iter(batches)
    if not isinstance(iterator, _OF_TENSORFLOW):
        iterator = iter(_as_dataset(iterator))
    if isinstance(iterator, tf.data.Iterator):
        photos = tf.nest.flatten(iterator.element_spec)[0]
        count = photos.shape[0] if photos.shape.rank else None
        if photos.dtype != tf.uint8 or photos.shape.rank not in (None, 4):
            raise ValueError(
                "`batches` must have photos as uint8 [batch, height, width, 3], with values in "
                f"0..255. Received: {photos.dtype.name} of shape {photos.shape}"
            )
        if count not in (None, batch_size):
            raise ValueError(
                f"`batches` must have as many photos as `config.batch_size`, {batch_size}. "
                f"Received: {count}"
            )
    return iterator


def check_iterator(batches):
    """Raises TypeError unless graphs can advance an iterator."""
    if not isinstance(batches, _OF_TENSORFLOW):
        raise TypeError(
            "`batches` must be an iterator of TensorFlow, such as iter(tg.batches(...)); "
            f"`Trainer.fit` takes any iterable. Received: {type(batches).__name__}"
        )


def _as_dataset(iterator):
    """Returns the dataset of a Python iterator over arrays, or over pairs of arrays."""
    first = next(iterator, None)
    if first is None:
        raise ValueError("`batches` must contain a batch. Received: an empty iterable")
    first = tf.nest.map_structure(tf.convert_to_tensor, first)
    return tf.data.Dataset.from_generator(
        lambda: itertools.chain([first], iterator),
        output_signature=tf.nest.map_structure(tf.TensorSpec.from_tensor, first),
    )
