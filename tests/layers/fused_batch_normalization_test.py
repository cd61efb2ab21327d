import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.layers import FusedBatchNormalization

SETTINGS = {"momentum": 0.9, "epsilon": 1e-3}


def pair(rng, channels=4, **settings):
    """Returns the layer and the layer of Keras, with the same weights."""
    layers = [
        kind(**SETTINGS, **settings)
        for kind in (FusedBatchNormalization, keras.layers.BatchNormalization)
    ]
    for layer in layers:
        layer.build((None, 5, 6, channels))
    weights = [rng.uniform(0.5, 2.0, channels) for _ in layers[0].get_weights()]
    for layer in layers:
        layer.set_weights(weights)
    return layers


def run(layer, images, training):
    with tf.GradientTape() as tape:
        tape.watch(images)
        outputs = layer(images, training=training)
        loss = tf.reduce_sum(outputs**3)
    return outputs, tape.gradient(loss, [images, *layer.trainable_variables])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("settings", [{}, {"scale": False}, {"center": False}])
def test_equals_keras(rng, settings, training):
    images = tf.constant(rng.normal(3.0, 2.0, (8, 5, 6, 4)), tf.float32)
    layers = pair(rng, **settings)
    (got, got_gradients), (expected, expected_gradients) = (
        run(layer, images, training) for layer in layers
    )
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
    for one, other in zip(got_gradients, expected_gradients):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)
    for one, other in zip(*(layer.get_weights() for layer in layers)):
        np.testing.assert_allclose(one, other, rtol=1e-5)


def test_moving_statistics_by_hand():
    layer = FusedBatchNormalization(momentum=0.9)
    layer(tf.reshape(tf.constant([1.0, 3.0, 5.0, 7.0]), (1, 2, 2, 1)), training=True)
    # Mean 4 and variance (9 + 1 + 1 + 9) / 4 = 5, weighted with 0.1 against 0 and 1.
    np.testing.assert_allclose(layer.moving_mean, [0.4], rtol=1e-6)
    np.testing.assert_allclose(layer.moving_variance, [1.4], rtol=1e-6)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_keeps_statistics_in_float32(rng, policy):
    layer = FusedBatchNormalization(momentum=0.0, dtype=policy)
    images = rng.normal(5.0, 0.1, (64, 8, 8, 2)).astype(np.float32)
    rounded = tf.cast(tf.cast(images, layer.compute_dtype), tf.float32).numpy()
    assert layer(images, training=True).dtype == layer.compute_dtype
    assert layer.moving_mean.dtype == "float32"
    np.testing.assert_allclose(layer.moving_mean, rounded.mean((0, 1, 2)), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, rounded.var((0, 1, 2)), rtol=1e-3)


def test_frozen_layer_uses_moving_statistics(rng):
    layer, _ = pair(rng)
    layer.trainable = False
    images = rng.normal(size=(2, 5, 6, 4)).astype(np.float32)
    np.testing.assert_array_equal(layer(images, training=True), layer(images, training=False))


@pytest.mark.parametrize(
    ("shape", "settings"), [((6, 4), {}), ((2, 4, 5, 6), {"axis": 1}), ((2, 3, 4, 5, 4), {})]
)
def test_unsupported_inputs_and_axes_equal_keras(rng, shape, settings):
    values = rng.normal(size=shape).astype(np.float32)
    got, expected = (
        kind(**settings)(values, training=True)
        for kind in (FusedBatchNormalization, keras.layers.BatchNormalization)
    )
    np.testing.assert_array_equal(got, expected)


def test_second_gradient_xla_and_saving(tmp_path, rng):
    layer, reference = pair(rng)
    images = tf.constant(rng.normal(size=(4, 5, 6, 4)), tf.float32)

    def slope(layer):
        with tf.GradientTape() as outer:
            outer.watch(images)
            _, (inner, *_) = run(layer, images, True)
            total = tf.reduce_sum(inner**2)
        return outer.gradient(total, images)

    expected = slope(reference)
    np.testing.assert_allclose(slope(layer), expected, rtol=1e-2, atol=1e-2 * np.std(expected))
    compiled = tf.function(lambda x: layer(x, training=False), jit_compile=True)
    np.testing.assert_allclose(compiled(images), layer(images, training=False), atol=1e-5)
    inputs = keras.Input((5, 6, 4))
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras", safe_mode=True)
    np.testing.assert_array_equal(model(images), loaded(images))
