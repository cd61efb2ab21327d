import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.layers import Deconvolution2D, MaxUnpooling2D, UnpoolingDeconvolution2D


def gradients(function, images, variables):
    with tf.GradientTape() as tape:
        tape.watch(images)
        outputs = function(images)
        flat = tf.reshape(outputs, [-1])
        loss = tf.reduce_sum(flat * tf.sin(tf.range(tf.size(flat), dtype=tf.float32)))
    return outputs, tape.gradient(loss, [images, *variables])


UNPOOLING = {"corner": MaxUnpooling2D, "nearest": keras.layers.UpSampling2D}


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("padding", ["full", "same"])
@pytest.mark.parametrize("size", [2, 3, (2, 3)])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5, (5, 2)])
@pytest.mark.parametrize("mode", ["corner", "nearest"])
def test_equals_unpooling_and_deconvolution(rng, mode, kernel, size, padding, data_format):
    settings = {"padding": padding, "data_format": data_format}
    fused = UnpoolingDeconvolution2D(4, kernel, size, mode, **settings)
    plain = Deconvolution2D(4, kernel, **settings)
    unpool = UNPOOLING[mode](size, data_format=data_format)
    axis = 3 if data_format == "channels_last" else 1
    images = tf.constant(np.moveaxis(rng.normal(size=(2, 5, 4, 3)), 3, axis), tf.float32)
    fused.build(images.shape)
    plain.build(unpool(images).shape)
    fused.bias.assign(rng.normal(size=4))
    plain.set_weights(fused.get_weights())
    got, got_gradients = gradients(fused, images, [fused.kernel.value, fused.bias.value])
    expected, expected_gradients = gradients(
        lambda x: plain(unpool(x)), images, [plain.kernel.value, plain.bias.value]
    )
    assert got.shape == expected.shape == fused.compute_output_shape(images.shape)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
    for one, other in zip(got_gradients, expected_gradients):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


def test_config_and_saving(tmp_path, rng):
    inputs = keras.Input((4, 4, 3))
    layer = UnpoolingDeconvolution2D(2, 5, size=(2, 3), mode="nearest", padding="same")
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "m.keras")
    images = rng.normal(size=(2, 4, 4, 3)).astype(np.float32)
    loaded = keras.models.load_model(tmp_path / "m.keras", safe_mode=True)
    np.testing.assert_array_equal(model(images), loaded(images))
    assert loaded.layers[-1].size == (2, 3)
    assert loaded.layers[-1].mode == "nearest"


@pytest.mark.parametrize("mode", ["corner", "nearest"])
def test_dynamic_sizes_and_xla(rng, mode):
    layer = UnpoolingDeconvolution2D(2, 5, mode=mode)
    layer.build((None, None, None, 3))
    for compiled in (False, True):
        run = tf.function(
            layer, jit_compile=compiled, input_signature=[tf.TensorSpec((None, None, None, 3))]
        )
        images = rng.normal(size=(2, 3, 4, 3)).astype(np.float32)
        np.testing.assert_allclose(run(images), layer(images), rtol=1e-4, atol=1e-5)


def test_nearest_kernel_sums_the_weights_of_each_pixel():
    layer = UnpoolingDeconvolution2D(1, (1, 5), (1, 2), "nearest", padding="same")
    kernel = tf.constant([1.0, 2.0, 4.0, 8.0, 16.0])[None, :, None, None]
    derived = layer.derived_kernel(kernel)[0, :, 0]
    # For three pixels in a row, the weights are grouped as (1, 2), (4, 8), 16 for left results
    # and as 1, (2, 4), (8, 16) for right results.
    np.testing.assert_array_equal(derived, [[3.0, 1.0], [12.0, 6.0], [16.0, 24.0]])


def test_errors_name_the_wrong_size_and_mode():
    with pytest.raises(ValueError, match="size.*Received:"):
        UnpoolingDeconvolution2D(2, 5, size=0)
    with pytest.raises(ValueError, match="mode.*'corner', 'nearest'.*Received: mode='bilinear'"):
        UnpoolingDeconvolution2D(2, 5, mode="bilinear")


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("mode", ["corner", "nearest"])
def test_half_precision(rng, mode, policy, data_format):
    images = rng.integers(-2, 3, (2, 4, 4, 4)).astype(np.float32)
    half, whole = (
        UnpoolingDeconvolution2D(4, 3, mode=mode, data_format=data_format, dtype=dtype)
        for dtype in (policy, "float32")
    )
    half.build(images.shape)
    whole.build(images.shape)
    half.kernel.assign(np.round(4 * half.kernel.numpy()) / 4)  # exact in 8 bits
    whole.set_weights(half.get_weights())
    got = half(images)
    assert got.dtype == half.compute_dtype
    np.testing.assert_array_equal(tf.cast(got, tf.float32), whole(images))


@pytest.mark.parametrize("mode", ["corner", "nearest"])
def test_second_gradient(mode):
    layer = UnpoolingDeconvolution2D(1, 1, 1, mode, kernel_initializer="ones")
    images = tf.constant([[1.0, 2.0]])[None, :, :, None]
    with tf.GradientTape() as outer:
        outer.watch(images)
        with tf.GradientTape() as inner:
            inner.watch(images)
            cube = layer(images) ** 3
        slope = inner.gradient(cube, images)
    np.testing.assert_allclose(outer.gradient(slope, images), 6.0 * images)


def test_saved_model(tmp_path, rng):
    inputs = keras.Input((4, 4, 3))
    model = keras.Model(inputs, UnpoolingDeconvolution2D(2, 5)(inputs))
    model.export(tmp_path / "m", verbose=False)
    images = rng.normal(size=(2, 4, 4, 3)).astype(np.float32)
    served = tf.saved_model.load(tmp_path / "m")
    np.testing.assert_allclose(served.serve(images), model(images), atol=1e-6)
