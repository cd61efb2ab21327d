import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.layers import Cropping2D


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("cropping", [0, 2, (1, 2), ((0, 1), (2, 1))])
def test_equals_keras_forwards_and_backwards(rng, cropping, data_format):
    images = tf.constant(rng.normal(size=(2, 6, 7, 8)), tf.float32)
    results = []
    for kind in (Cropping2D, keras.layers.Cropping2D):
        with tf.GradientTape() as tape:
            tape.watch(images)
            cropped = kind(cropping, data_format=data_format)(images)
            loss = tf.reduce_sum(cropped**2)
        results.append((cropped, tape.gradient(loss, images)))
    for one, other in zip(*results):
        np.testing.assert_array_equal(one, other)


def test_dynamic_sizes_and_saving(tmp_path, rng):
    images = rng.normal(size=(2, 6, 7, 3)).astype(np.float32)
    run = tf.function(Cropping2D(1), input_signature=[tf.TensorSpec((None, None, None, 3))])
    np.testing.assert_array_equal(run(images), images[:, 1:-1, 1:-1])
    inputs = keras.Input((6, 7, 3))
    model = keras.Model(inputs, Cropping2D(1)(inputs))
    assert model.output_shape == (None, 4, 5, 3)
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras", safe_mode=True)
    np.testing.assert_array_equal(model(images), loaded(images))
