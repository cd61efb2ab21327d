import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.layers import SpectralNormalization


def trained(layer, inputs, calls=200):
    for _ in range(calls):
        layer(inputs, training=True)
    return layer


class TestContract:
    def test_config_and_state_round_trip(self, tmp_path, rng):
        layer = SpectralNormalization(keras.layers.Conv2D(4, 3, name="c"), name="n")
        model = keras.Sequential([keras.Input((8, 8, 3)), layer])
        images = rng.normal(size=(2, 8, 8, 3)).astype(np.float32)
        model(images, training=True)
        model.save(tmp_path / "m.keras")
        loaded = keras.models.load_model(tmp_path / "m.keras", safe_mode=True)
        np.testing.assert_array_equal(loaded(images), model(images))

    def test_direction_is_not_trainable(self):
        layer = SpectralNormalization(keras.layers.Dense(4))
        layer.build((None, 3))
        assert len(layer.trainable_weights) == 2
        assert [w.shape for w in layer.non_trainable_weights] == [(4,)]

    def test_layer_without_kernel_is_rejected(self):
        with pytest.raises(ValueError, match="`layer` must have a kernel. Received"):
            SpectralNormalization(keras.layers.ReLU()).build((None, 3))

    @pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
    def test_half_precision(self, precision):
        layer = SpectralNormalization(keras.layers.Dense(4, dtype=precision), dtype=precision)
        assert layer(np.ones((2, 3), np.float32)).dtype == precision[6:]


class TestCorrectness:
    def test_kernel_is_divided_by_its_largest_singular_value(self, rng):
        layer = SpectralNormalization(keras.layers.Dense(5, bias_initializer="ones"))
        inputs = rng.normal(size=(4, 7)).astype(np.float32)
        trained(layer, inputs)
        kernel = layer.layer.kernel.numpy()
        expected = inputs @ (kernel / np.linalg.svd(kernel)[1][0]) + 1.0
        np.testing.assert_allclose(layer(inputs), expected, rtol=1e-4, atol=1e-5)

    def test_matrix_of_a_convolution_has_one_column_per_filter(self, rng):
        layer = SpectralNormalization(keras.layers.Conv2D(6, 3, use_bias=False))
        images = rng.normal(size=(2, 5, 5, 2)).astype(np.float32)
        trained(layer, images)
        norm = np.linalg.svd(layer.layer.kernel.numpy().reshape(-1, 6))[1][0]
        np.testing.assert_allclose(layer(images), layer.layer(images) / norm, rtol=1e-4, atol=1e-5)

    def test_gradient_flows_through_the_norm(self, rng):
        """For one input and one filter, the derivative of w x / |w| along w is zero."""
        layer = SpectralNormalization(keras.layers.Dense(1, use_bias=False))
        inputs = tf.constant(rng.normal(size=(1, 4)), tf.float32)
        trained(layer, inputs, 3)
        with tf.GradientTape() as tape:
            output = tf.reduce_sum(layer(inputs))
        kernel = layer.layer.kernel
        gradient = tape.gradient(output, kernel.value)
        assert np.abs(gradient).max() > 1e-3
        assert float(tf.reduce_sum(gradient * kernel)) == pytest.approx(0.0, abs=1e-5)
