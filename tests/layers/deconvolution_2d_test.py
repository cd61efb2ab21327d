import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers import oracles
from tfgan_faces.layers import Deconvolution2D


class TestContract:
    def test_shapes_and_parameters(self):
        layer = Deconvolution2D(3, (5, 4))
        assert layer(keras.Input((28, None, 64))).shape == (None, 32, None, 3)
        assert layer.count_params() == 5 * 4 * 64 * 3 + 3
        assert layer(np.zeros((1, 28, 9, 64))).shape == (1, 32, 12, 3)

    def test_config_rebuilds_the_layer(self):
        layer = Deconvolution2D(
            3, 5, "same", "channels_first", "relu", False, kernel_regularizer="l2"
        )
        assert Deconvolution2D.from_config(layer.get_config()).get_config() == layer.get_config()

    def test_saves_and_loads(self, tmp_path, rng):
        inputs = keras.Input((6, 6, 2))
        model = keras.Model(inputs, Deconvolution2D(4, 3, activation="relu")(inputs))
        model.save(tmp_path / "m.keras")
        images = rng.normal(size=(2, 6, 6, 2)).astype(np.float32)
        loaded = keras.models.load_model(tmp_path / "m.keras", safe_mode=True)
        np.testing.assert_array_equal(model(images), loaded(images))

    @pytest.mark.parametrize(
        ("arguments", "named"),
        [
            ({"filters": 0, "kernel_size": 5}, "filters"),
            ({"filters": 3, "kernel_size": (5, 0)}, "kernel_size"),
            ({"filters": 3, "kernel_size": 5, "padding": "valid"}, "padding"),
        ],
    )
    def test_error_names_the_wrong_argument(self, arguments, named):
        with pytest.raises(ValueError, match=rf"(?s){named}.*Received:"):
            Deconvolution2D(**arguments)

    def test_wrong_rank_is_rejected(self):
        with pytest.raises(ValueError, match="rank 4.*Received:"):
            Deconvolution2D(3, 5)(np.zeros((4, 4, 3)))


class TestCorrectness:
    @pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
    @pytest.mark.parametrize("padding", ["full", "same"])
    @pytest.mark.parametrize("kernel", [(5, 5), (4, 3), (1, 2)])
    def test_equals_numpy(self, rng, kernel, padding, data_format):
        images = rng.normal(size=(2, 6, 7, 3)).astype(np.float32)
        layer = Deconvolution2D(4, kernel, padding, data_format, bias_initializer="ones")
        axis = 3 if data_format == "channels_last" else 1
        got = layer(np.moveaxis(images, 3, axis))
        expected = oracles.convolution(images, layer.kernel.numpy(), 1.0, padding)
        np.testing.assert_allclose(got, np.moveaxis(expected, 3, axis), rtol=1e-4, atol=1e-5)

    def test_full_is_the_gradient_of_valid(self, rng):
        """The "full" convolution is the gradient of the "valid" one with the flipped kernel."""
        images = rng.normal(size=(1, 6, 6, 3)).astype(np.float32)
        layer = Deconvolution2D(2, 5, use_bias=False)
        got = layer(images)
        flipped = tf.transpose(tf.reverse(layer.kernel.value, (0, 1)), (0, 1, 3, 2))
        large = tf.zeros((1, 10, 10, 2))
        with tf.GradientTape() as tape:
            tape.watch(large)
            small = tf.reduce_sum(tf.nn.conv2d(large, flipped, 1, "VALID") * images)
        np.testing.assert_allclose(got, tape.gradient(small, large), rtol=1e-4, atol=1e-5)

    def test_dynamic_sizes_and_xla(self, rng):
        layer = Deconvolution2D(2, 3)
        layer.build((None, None, None, 2))
        for compiled in (False, True):
            run = tf.function(
                layer, jit_compile=compiled, input_signature=[tf.TensorSpec((None, None, None, 2))]
            )
            for size in ((4, 6), (5, 3)):
                images = rng.normal(size=(2, *size, 2)).astype(np.float32)
                expected = oracles.convolution(images, layer.kernel.numpy(), 0.0, "full")
                np.testing.assert_allclose(run(images), expected, rtol=1e-4, atol=1e-5)

    def test_second_gradient(self):
        layer = Deconvolution2D(1, 1, kernel_initializer="ones")
        images = tf.constant([[1.0, 2.0]])[None, :, :, None]
        with tf.GradientTape() as outer:
            outer.watch(images)
            with tf.GradientTape() as inner:
                inner.watch(images)
                cube = layer(images) ** 3
            slope = inner.gradient(cube, images)
        np.testing.assert_allclose(outer.gradient(slope, images), 6.0 * images)

    @pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
    def test_half_precision_in_both_formats(self, rng, policy):
        images = rng.integers(-2, 3, (2, 5, 5, 2)).astype(np.float32)
        for data_format, axis in (("channels_last", 3), ("channels_first", 1)):
            layer = Deconvolution2D(3, 3, data_format=data_format, dtype=policy)
            layer.build((2, *np.moveaxis(images, 3, axis).shape[1:]))
            layer.kernel.assign(np.round(4 * layer.kernel.numpy()) / 4)  # exact in 8 bits
            got = layer(np.moveaxis(images, 3, axis))
            assert got.dtype == layer.compute_dtype
            expected = oracles.convolution(images, layer.kernel.numpy(), 0.0, "full")
            np.testing.assert_array_equal(tf.cast(got, tf.float32), np.moveaxis(expected, 3, axis))
