import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers import oracles
from tfgan_faces.layers import MaxPoolingWithArgmax2D, MaxUnpooling2D


class TestContract:
    def test_default_size_is_pool_size_times_the_input(self):
        layer = MaxUnpooling2D((2, 3))
        assert layer(keras.Input((4, 5, 6))).shape == (None, 8, 15, 6)
        assert layer(np.zeros((1, 4, 5, 6))).shape == (1, 8, 15, 6)

    def test_config_rebuilds_the_layer(self):
        layer = MaxUnpooling2D((3, 2), (2, 1), "same", "channels_first")
        assert MaxUnpooling2D.from_config(layer.get_config()).get_config() == layer.get_config()

    def test_saves_and_loads_with_switches_and_like(self, tmp_path, rng):
        inputs = keras.Input((None, None, 2))
        pooled, argmax = MaxPoolingWithArgmax2D(2, padding="same")(inputs)
        outputs = MaxUnpooling2D(2, padding="same")([pooled, argmax], like=inputs)
        model = keras.Model(inputs, outputs)
        model.save(tmp_path / "m.keras")
        images = rng.normal(size=(2, 7, 5, 2)).astype(np.float32)
        loaded = keras.models.load_model(tmp_path / "m.keras", safe_mode=True)
        np.testing.assert_array_equal(model(images), loaded(images))
        assert loaded(images).shape == images.shape

    def test_saved_model(self, tmp_path, rng):
        inputs = keras.Input((6, 6, 2))
        model = keras.Model(inputs, MaxUnpooling2D()(MaxPoolingWithArgmax2D()(inputs)))
        model.export(tmp_path / "m", verbose=False)
        images = rng.normal(size=(2, 6, 6, 2)).astype(np.float32)
        served = tf.saved_model.load(tmp_path / "m").serve(images)
        np.testing.assert_array_equal(served, model(images))

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda layer, x: layer(x[0]), "rank 4"),
            (lambda layer, x: layer([x]), "pair"),
            (lambda layer, x: layer([x, x]), "argmax"),
            (lambda layer, x: layer([x, np.zeros((1, 2, 3, 1), np.int64)]), "argmax"),
            (lambda layer, x: layer(x, output_size=(4, 4), like=x), "At most one"),
            (lambda layer, x: layer(x, output_size=4.5), "output_size"),
            (lambda layer, x: layer(x, output_size=(9, 4)), "pools to"),
            (lambda layer, x: layer(x, like=x[0]), "rank 4"),
        ],
    )
    def test_wrong_call_is_rejected(self, call, message):
        with pytest.raises(ValueError, match=rf"(?s){message}.*Received:"):
            call(MaxUnpooling2D(), np.zeros((1, 2, 2, 1), np.float32))


class TestCorrectness:
    @pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
    @pytest.mark.parametrize("padding", ["valid", "same"])
    @pytest.mark.parametrize(
        ("pool", "strides"),
        [((2, 2), (2, 2)), ((3, 3), (2, 2)), ((3, 2), (1, 2)), ((2, 3), (3, 4))],
    )
    def test_equals_numpy_with_switches(self, rng, pool, strides, padding, data_format):
        images = rng.permutation(2 * 7 * 9 * 3).reshape(2, 7, 9, 3).astype(np.float32) - 150
        values, argmax = oracles.max_pooling(images, pool, strides, padding)
        expected = oracles.max_unpooling(values, argmax, (7, 9))
        axis = 3 if data_format == "channels_last" else 1
        values, argmax, expected = (np.moveaxis(x, 3, axis) for x in (values, argmax, expected))
        layer = MaxUnpooling2D(pool, strides, padding, data_format)
        # If windows share a maximum, it is the mean of equal values: exact up to rounding.
        np.testing.assert_allclose(layer([values, argmax], output_size=(7, 9)), expected, rtol=1e-6)
        np.testing.assert_allclose(
            layer([values, argmax], like=np.moveaxis(images, 3, axis)), expected, rtol=1e-6
        )

    @pytest.mark.parametrize("padding", ["valid", "same"])
    @pytest.mark.parametrize(
        ("pool", "strides", "size"),
        [
            ((2, 2), (2, 2), (6, 8)),
            ((2, 2), (2, 2), (7, 9)),
            ((3, 3), (2, 2), (7, 9)),
            ((3, 2), (2, 3), (8, 8)),
        ],
    )
    def test_equals_numpy_without_switches(self, rng, pool, strides, size, padding):
        counts = [len(oracles.windows(s, p, t, padding)) for s, p, t in zip(size, pool, strides)]
        values = rng.normal(size=(2, *counts, 3)).astype(np.float32)
        got = MaxUnpooling2D(pool, strides, padding)(values, output_size=size)
        expected = oracles.corner_unpooling(values, pool, strides, padding, size)
        np.testing.assert_array_equal(got, expected)

    def test_duplicate_holds_the_value_once_and_shares_the_gradient(self):
        # Overlapping windows with the same maximum, at position 4 of a 3x3 image.
        values = tf.fill((1, 2, 2, 1), -3.0)
        argmax = np.full((1, 2, 2, 1), 4, np.int64)
        layer = MaxUnpooling2D(2, strides=1)
        with tf.GradientTape() as tape:
            tape.watch(values)
            unpooled = layer([values, argmax])
        expected = np.zeros((3, 3))
        expected[1, 1] = -3.0
        np.testing.assert_array_equal(unpooled[0, :, :, 0], expected)
        gradient = tape.gradient(unpooled, values)
        np.testing.assert_allclose(gradient, np.full((1, 2, 2, 1), 0.25))

    def test_switches_beyond_the_image_do_not_reach_the_next_one(self):
        values = np.ones((2, 2, 2, 1), np.float32)
        argmax = np.array([0, 2, 10, 24]).reshape(1, 2, 2, 1).repeat(2, 0)  # of 5x5 images
        unpool = tf.function(MaxUnpooling2D(2))  # a graph does not check the positions
        unpooled = unpool([tf.constant(values), tf.constant(argmax)]).numpy()
        np.testing.assert_array_equal(unpooled.sum((1, 2, 3)), [3.0, 3.0])

    def test_dynamic_sizes_and_xla(self, rng):
        pool, unpool = MaxPoolingWithArgmax2D(2), MaxUnpooling2D(2)
        for compiled in (False, True):
            there_and_back = tf.function(
                lambda x: unpool(pool(x), like=x),
                jit_compile=compiled,
                input_signature=[tf.TensorSpec((None, None, None, 2))],
            )
            corner = tf.function(
                unpool, jit_compile=compiled, input_signature=[tf.TensorSpec((None, None, None, 2))]
            )
            for size in ((4, 6), (5, 7)):
                images = rng.normal(size=(2, *size, 2)).astype(np.float32)
                expected = oracles.max_unpooling(
                    *oracles.max_pooling(images, (2, 2), (2, 2), "valid"), size
                )
                np.testing.assert_array_equal(there_and_back(images), expected)
                twice = tuple(2 * side for side in size)
                expected = oracles.corner_unpooling(images, (2, 2), (2, 2), "valid", twice)
                np.testing.assert_array_equal(corner(images), expected)

    @pytest.mark.parametrize("switches", [False, True])
    def test_second_gradient(self, switches):
        values = tf.constant([[1.0, 2.0], [3.0, 4.0]])[None, :, :, None]
        inputs = [values, tf.constant([0, 3, 12, 15], tf.int64, (1, 2, 2, 1))]
        with tf.GradientTape() as outer:
            outer.watch(values)
            with tf.GradientTape() as inner:
                inner.watch(values)
                cube = MaxUnpooling2D()(inputs if switches else values) ** 3
            slope = inner.gradient(cube, values)
        np.testing.assert_allclose(outer.gradient(slope, values), 6.0 * values)

    @pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
    def test_half_precision_in_both_formats(self, rng, policy):
        images = rng.integers(-8, 8, (2, 6, 6, 2)).astype(np.float32)
        values, argmax = oracles.max_pooling(images, (2, 2), (2, 2), "valid")
        expected = oracles.max_unpooling(values, argmax, (6, 6))
        for data_format, axis in (("channels_last", 3), ("channels_first", 1)):
            layer = MaxUnpooling2D(data_format=data_format, dtype=policy)
            got = layer([np.moveaxis(values, 3, axis), np.moveaxis(argmax, 3, axis)])
            assert got.dtype == layer.compute_dtype
            np.testing.assert_array_equal(tf.cast(got, tf.float32), np.moveaxis(expected, 3, axis))


class TestPositionsOutsideOfTheirWindows:
    def test_odd_image_requires_its_size(self, rng):
        """Positions that are counted in rows of 5 are wrong in rows of 4."""
        images = rng.normal(size=(2, 5, 5, 3)).astype(np.float32)
        pooled, argmax = MaxPoolingWithArgmax2D(2)(images)
        with pytest.raises(ValueError, match="`output_size`"):
            MaxUnpooling2D(2)([pooled, argmax])
        MaxUnpooling2D(2)([pooled, argmax], output_size=(5, 5))

    def test_positions_within_the_batch_are_rejected(self, rng):
        images = tf.constant(rng.normal(size=(3, 4, 4, 2)), tf.float32)
        pooled, argmax = tf.nn.max_pool_with_argmax(
            images, 2, 2, "VALID", include_batch_in_index=True
        )
        with pytest.raises(ValueError, match="include_batch_in_index=False"):
            MaxUnpooling2D(2)([pooled, argmax])
