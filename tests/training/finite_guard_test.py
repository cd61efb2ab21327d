import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.training.finite_guard import PATIENCE, FiniteGuard, not_finite


def test_nonfinite_values_are_marked():
    gradients = [tf.constant([1.0, np.nan]), tf.constant([[2.0]]), tf.constant(-np.inf)]
    np.testing.assert_array_equal(not_finite(tf.constant(np.inf), gradients), [1, 1, 0, 1])
    np.testing.assert_array_equal(not_finite(tf.constant(0.0), gradients[1:2]), [0, 0])


@pytest.fixture
def guard():
    layer = keras.layers.Dense(2, name="deep")
    layer.build((None, 3))
    return FiniteGuard("critic", layer.trainable_variables)


def test_the_first_nonfinite_value_is_reported_after_enough_bad_turns(guard):
    bad, good = tf.constant([False, True, True]), tf.constant([False] * 3)
    for turn in range(PATIENCE - 1):
        assert not guard.record(bad, tf.constant(turn, tf.int64), True)
    assert guard.first_nonfinite() is None
    assert guard.record(good, tf.constant(50, tf.int64), True)  # resets the count
    for turn in range(60, 60 + PATIENCE):
        guard.record(bad, tf.constant(turn, tf.int64), True)
        assert guard.record(good, tf.constant(turn, tf.int64), False)  # skipped turns in between
    assert guard.first_nonfinite() == ("gradient of deep/kernel of the critic", 59 + PATIENCE)
