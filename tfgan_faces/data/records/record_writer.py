"""Writes records whose bytes are the same in every process."""

import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow_datasets.core import writer


class StableRecordWriter(writer.ExampleWriter):
    """Writes each record with its features sorted by name.

    A `tf.train.Example` stores its features in a map, which protobuf serialises in an order that
    differs between processes. TFDS passes serialised records to a builder's custom writer, so
    they are parsed and serialised again.
    """

    def __init__(self):
        super().__init__(file_format=tfds.core.FileFormat.TFRECORD)

    def write(self, path, examples):
        """Writes `(key, serialised example)` pairs to a record file."""
        return super().write(path, ((key, _stable(record)) for key, record in examples))


def _stable(record):
    return tf.train.Example.FromString(record).SerializeToString(deterministic=True)
