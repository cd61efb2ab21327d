import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.layers import MaxPooling2D

SETTINGS = [
    {"pool_size": 2},
    {"pool_size": 3, "strides": 2},
    {"pool_size": 2, "padding": "same"},
    {"pool_size": (2, 3)},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_equals_keras_forwards_and_backwards(rng, settings):
    images = tf.constant(rng.normal(size=(2, 7, 9, 3)), tf.float32)
    results = []
    for kind in (MaxPooling2D, keras.layers.MaxPooling2D):
        with tf.GradientTape() as tape:
            tape.watch(images)
            pooled = kind(**settings)(images)
            loss = tf.reduce_sum(pooled**3)
        results.append((pooled, tape.gradient(loss, images)))
    for one, other in zip(*results):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_first_of_equal_values_gets_the_gradient():
    images = tf.ones((1, 2, 2, 1))
    with tf.GradientTape() as tape:
        tape.watch(images)
        pooled = MaxPooling2D(2)(images)
    np.testing.assert_array_equal(tape.gradient(pooled, images)[0, :, :, 0], [[1, 0], [0, 0]])


def test_second_gradient_passes_to_the_maxima():
    images = tf.constant([[1.0, 4.0], [2.0, 3.0]])[None, :, :, None]
    with tf.GradientTape() as outer:
        outer.watch(images)
        with tf.GradientTape() as inner:
            inner.watch(images)
            cube = MaxPooling2D(2)(images) ** 3
        slope = inner.gradient(cube, images)
    np.testing.assert_array_equal(outer.gradient(slope, images)[0, :, :, 0], [[0, 24], [0, 0]])


def test_half_precision_channels_first_and_saving(tmp_path, rng):
    images = rng.normal(size=(2, 6, 6, 4)).astype(np.float32)
    assert MaxPooling2D(2, dtype="mixed_bfloat16")(images).dtype == tf.bfloat16
    first = MaxPooling2D(2, data_format="channels_first")(np.moveaxis(images, 3, 1))
    np.testing.assert_array_equal(np.moveaxis(first, 1, 3), MaxPooling2D(2)(images))
    inputs = keras.Input((6, 6, 4))
    model = keras.Model(inputs, MaxPooling2D(2)(inputs))
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras", safe_mode=True)
    np.testing.assert_array_equal(model(images), loaded(images))
