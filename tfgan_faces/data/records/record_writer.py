"""Records whose bytes are the same in every process."""

import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow_datasets.core import writer


class StableRecordWriter(writer.ExampleWriter):
    """Writes each record with its features in the order of their names.

    A `tf.train.Example` holds its features in a map, which protobuf writes in an order that
    differs from one process to the next. TFDS lets a builder bring a writer of its own, which
    is given the records already serialised: they are parsed and serialised once more.
    """

    def __init__(self):
        super().__init__(file_format=tfds.core.FileFormat.TFRECORD)

    def write(self, path, examples):
        """Writes `(key, serialised example)` pairs to a file of records."""
        return super().write(path, ((key, _stable(record)) for key, record in examples))


def _stable(record):
    return tf.train.Example.FromString(record).SerializeToString(deterministic=True)
