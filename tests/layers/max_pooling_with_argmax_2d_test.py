import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers import oracles
from tfgan_faces.layers import MaxPoolingWithArgmax2D


class TestContract:
    def test_symbolic_output_is_integer_under_every_policy(self):
        for policy in ("float32", "mixed_float16", "mixed_bfloat16"):
            layer = MaxPoolingWithArgmax2D(dtype=policy)
            pooled, argmax = layer(keras.Input((7, 9, 3)))
            assert pooled.shape == argmax.shape == (None, 3, 4, 3)
            assert argmax.dtype == "int64"
            assert pooled.dtype == layer.compute_dtype
            eager, where = layer(np.ones((1, 4, 4, 1)))
            assert where.dtype == tf.int64
            assert eager.dtype == layer.compute_dtype

    def test_config_rebuilds_the_layer(self):
        layer = MaxPoolingWithArgmax2D((3, 2), (2, 1), "same", "channels_first", name="p")
        assert MaxPoolingWithArgmax2D.from_config(layer.get_config()).get_config() == (
            layer.get_config()
        )

    def test_saves_and_loads_without_custom_objects(self, tmp_path, rng):
        inputs = keras.Input((6, 6, 2))
        model = keras.Model(inputs, MaxPoolingWithArgmax2D(3, 2)(inputs))
        model.save(tmp_path / "m.keras")
        images = rng.normal(size=(2, 6, 6, 2)).astype(np.float32)
        loaded = keras.models.load_model(tmp_path / "m.keras", safe_mode=True)
        for one, other in zip(model(images), loaded(images)):
            np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize(
        ("arguments", "named"),
        [
            ({"pool_size": 0}, "pool_size"),
            ({"pool_size": (2, 2, 2)}, "pool_size"),
            ({"pool_size": 2.5}, "pool_size"),
            ({"strides": -1}, "strides"),
            ({"padding": "full"}, "padding"),
            ({"data_format": "nhwc"}, "data_format"),
        ],
    )
    def test_error_names_the_wrong_argument(self, arguments, named):
        with pytest.raises(ValueError, match=rf"(?s){named}.*Received:"):
            MaxPoolingWithArgmax2D(**arguments)

    @pytest.mark.parametrize("shape", [(4, 4, 3), (1, 1, 1, 4, 3)])
    def test_wrong_rank_is_rejected(self, shape):
        with pytest.raises(ValueError, match="rank 4.*Received:"):
            MaxPoolingWithArgmax2D()(np.zeros(shape))

    def test_window_larger_than_the_image_is_rejected(self):
        with pytest.raises(ValueError, match="pool_size.*Received:"):
            MaxPoolingWithArgmax2D(5)(np.zeros((1, 4, 4, 1)))


class TestCorrectness:
    @pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
    @pytest.mark.parametrize("padding", ["valid", "same"])
    @pytest.mark.parametrize(
        ("pool", "strides"),
        [((2, 2), (2, 2)), ((3, 3), (2, 2)), ((3, 2), (1, 2)), ((2, 3), (3, 4))],
    )
    def test_equals_numpy(self, rng, pool, strides, padding, data_format):
        # Few distinct values, all below zero: there are ties, and padding must not be a maximum.
        images = rng.integers(-4, 0, (2, 7, 9, 3)).astype(np.float32)
        pooled, argmax = oracles.max_pooling(images, pool, strides, padding)
        if data_format == "channels_first":
            images, pooled, argmax = (np.moveaxis(x, 3, 1) for x in (images, pooled, argmax))
        layer = MaxPoolingWithArgmax2D(pool, strides, padding, data_format)
        got, where = layer(images)
        np.testing.assert_array_equal(got, pooled)
        np.testing.assert_array_equal(where, argmax)

    def test_dynamic_sizes_and_xla(self, rng):
        layer = MaxPoolingWithArgmax2D(2, padding="same")
        for compiled in (False, True):
            pool = tf.function(
                layer,
                jit_compile=compiled,
                input_signature=[tf.TensorSpec((None, None, None, 2))],
            )
            for size in ((5, 6), (4, 3)):
                images = rng.normal(size=(3, *size, 2)).astype(np.float32)
                pooled, argmax = oracles.max_pooling(images, (2, 2), (2, 2), "same")
                got, where = pool(images)
                np.testing.assert_array_equal(got, pooled)
                np.testing.assert_array_equal(where, argmax)

    def test_gradient_reaches_the_maximum_only(self):
        images = tf.constant([[1.0, 5.0], [5.0, 2.0]])[None, :, :, None]
        with tf.GradientTape() as tape:
            tape.watch(images)
            pooled, _ = MaxPoolingWithArgmax2D()(images)
        gradient = tape.gradient(pooled, images)
        np.testing.assert_array_equal(gradient[0, :, :, 0], [[0.0, 1.0], [0.0, 0.0]])

    def test_second_gradient(self):
        images = tf.constant([[1.0, 3.0], [2.0, 0.0]])[None, :, :, None]
        with tf.GradientTape() as outer:
            outer.watch(images)
            with tf.GradientTape() as inner:
                inner.watch(images)
                cube = MaxPoolingWithArgmax2D()(images)[0] ** 3
            slope = inner.gradient(cube, images)
        # (x^3)'' = 6 x at the maximum x = 3
        second = outer.gradient(slope, images)
        np.testing.assert_allclose(second[0, :, :, 0], [[0.0, 18.0], [0.0, 0.0]])

    @pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
    def test_half_precision_in_both_formats(self, rng, policy):
        images = rng.integers(-8, 8, (2, 6, 6, 2)).astype(np.float32)
        pooled, argmax = oracles.max_pooling(images, (2, 2), (2, 2), "valid")
        for data_format, axis in (("channels_last", 3), ("channels_first", 1)):
            layer = MaxPoolingWithArgmax2D(data_format=data_format, dtype=policy)
            got, where = layer(np.moveaxis(images, 3, axis))
            np.testing.assert_array_equal(tf.cast(got, tf.float32), np.moveaxis(pooled, 3, axis))
            np.testing.assert_array_equal(where, np.moveaxis(argmax, 3, axis))
