import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers.unpooling_deconvolution_2d_test import gradients
from tfgan_faces.layers import BlockConvolution2D, Deconvolution2D


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("size", [(8, 8), (7, 6), (5, 9)])
@pytest.mark.parametrize("kernel", [1, 2, 3, 5, (2, 3)])
@pytest.mark.parametrize("padding", ["full", "same"])
def test_equals_deconvolution(rng, padding, kernel, size, data_format):
    layers = [
        kind(3, kernel, padding, data_format) for kind in (BlockConvolution2D, Deconvolution2D)
    ]
    axis = 3 if data_format == "channels_last" else 1
    images = tf.constant(np.moveaxis(rng.normal(size=(2, *size, 4)), 3, axis), tf.float32)
    for layer in layers:
        layer.build(images.shape)
    layers[0].bias.assign(rng.normal(size=3))
    layers[1].set_weights(layers[0].get_weights())
    (got, got_gradients), (expected, expected_gradients) = (
        gradients(layer, images, [layer.kernel.value, layer.bias.value]) for layer in layers
    )
    assert got.shape == expected.shape == layers[0].compute_output_shape(images.shape)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
    for one, other in zip(got_gradients, expected_gradients):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kernel", [1, 3, 4])
def test_valid_equals_keras_convolution(rng, kernel):
    layer = BlockConvolution2D(3, kernel, padding="valid")
    reference = keras.layers.Conv2D(3, kernel)
    images = rng.normal(size=(2, 9, 8, 4)).astype(np.float32)
    layer.build(images.shape)
    reference.build(images.shape)
    reference.set_weights(layer.get_weights())
    np.testing.assert_allclose(layer(images), reference(images), rtol=1e-4, atol=1e-5)


def test_derived_kernel_is_the_kernel_at_each_pixel_of_the_block():
    layer = BlockConvolution2D(1, (1, 2), padding="valid")
    derived = layer.derived_kernel(tf.constant([3.0, 5.0])[None, :, None, None])[:, :, 0]
    # Rows of taps. Each tap has the weights of the block's pixels (0,0), (0,1), (1,0), (1,1).
    upper = [[3, 0, 0, 0], [5, 3, 0, 0], [0, 5, 0, 0]]
    lower = [[0, 0, 3, 0], [0, 0, 5, 3], [0, 0, 0, 5]]
    np.testing.assert_array_equal(derived, [upper, lower])


def test_dynamic_sizes_xla_second_gradient_and_saving(tmp_path, rng):
    layer = BlockConvolution2D(2, 3, padding="same")
    layer.build((None, None, None, 3))
    images = tf.constant(rng.normal(size=(2, 5, 4, 3)), tf.float32)
    for compiled in (False, True):
        run = tf.function(
            layer, jit_compile=compiled, input_signature=[tf.TensorSpec((None, None, None, 3))]
        )
        np.testing.assert_allclose(run(images), layer(images), rtol=1e-4, atol=1e-5)
    single = BlockConvolution2D(1, 1, kernel_initializer="ones")
    values = tf.constant([[1.0, 2.0]])[None, :, :, None]
    with tf.GradientTape() as outer:
        outer.watch(values)
        with tf.GradientTape() as inner:
            inner.watch(values)
            cube = single(values) ** 3
        slope = inner.gradient(cube, values)
    np.testing.assert_allclose(outer.gradient(slope, values), 6.0 * values)
    inputs = keras.Input((5, 4, 3))
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras", safe_mode=True)
    np.testing.assert_array_equal(model(images), loaded(images))


def test_half_precision_and_errors(rng):
    layer = BlockConvolution2D(3, 3, padding="same", dtype="mixed_bfloat16")
    assert layer(rng.normal(size=(1, 4, 4, 2))).dtype == tf.bfloat16
    with pytest.raises(ValueError, match="'full', 'same', 'valid'.*Received: padding='causal'"):
        BlockConvolution2D(3, 3, padding="causal")
    with pytest.raises(ValueError, match="'full', 'same'.*Received: padding='valid'"):
        Deconvolution2D(3, 3, padding="valid")
