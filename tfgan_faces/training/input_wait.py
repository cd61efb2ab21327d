"""Measures how long a training waits for its photos."""

import time

import numpy as np
import tensorflow as tf


class InputWait:
    """Takes batches, and adds up the waiting time by Python's clock."""

    def __init__(self):
        self.total = tf.Variable(0.0, dtype=tf.float64, trainable=False)
        self._counted = 0.0

    def next(self, batches, after):
        """Returns the next batch.

        Args:
            batches: iterator of tensors.
            after: `tf.Variable` that the preceding work updates last; the time of that work does
                not count as waiting.
        """
        with tf.control_dependencies([after.read_value()]):
            begin = _now()
        with tf.control_dependencies([begin]):
            photos = next(batches)
        with tf.control_dependencies(tf.nest.flatten(photos, expand_composites=True)):
            waited = self.total.assign_add(_now() - begin)
        with tf.control_dependencies([waited]):
            return tf.nest.map_structure(tf.identity, photos, expand_composites=True)

    def share(self, seconds):
        """Returns the share of the `seconds` since the last call that was spent waiting."""
        total = float(self.total.numpy())
        waited, self._counted = total - self._counted, total
        return waited / seconds


class UnmeasuredInputWait:
    """Takes batches without measuring the waiting time.

    A Python call in the graph makes a GPU and its host wait for each other in every turn, and
    cannot be compiled.
    """

    def next(self, batches, after):
        """Returns the next batch; see `InputWait`."""
        del after
        return next(batches)

    def share(self, seconds):
        """Returns None: nothing was measured."""
        del seconds


def build_input_wait(gpus):
    """Returns an `UnmeasuredInputWait` if the list `gpus` has entries, else an `InputWait`."""
    return UnmeasuredInputWait() if gpus else InputWait()


def _now():
    """Returns the time in seconds, a float64 scalar; op determinism forbids `tf.timestamp`."""
    return tf.ensure_shape(tf.numpy_function(_clock, [], tf.float64), ())


def _clock():
    # TensorFlow converts a Python float to 32 bits where functions run eagerly.
    return np.float64(time.perf_counter())
