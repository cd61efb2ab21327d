"""Layers compared with NumPy, and gradients with finite differences, for random shapes."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.layers import oracles
from tfgan_faces.layers import (
    BlockConvolution2D,
    Cropping2D,
    Deconvolution2D,
    MaxPooling2D,
    MaxPoolingWithArgmax2D,
    MaxUnpooling2D,
    UnpoolingDeconvolution2D,
)
from tfgan_faces.objectives.losses import LOSSES

pair = st.tuples(st.integers(1, 4), st.integers(1, 4))
sides = st.tuples(st.integers(1, 9), st.integers(1, 9))
counts = st.integers(1, 3)
seeds = st.integers(0, 2**31)
formats = st.sampled_from(["channels_last", "channels_first"])
pooling_paddings = st.sampled_from(["valid", "same"])
policies = st.sampled_from(["float32", "float64", "mixed_float16", "mixed_bfloat16"])


def whole_numbers(seed, shape, low=-8, high=8):
    """Returns whole numbers, which are exact in every precision and contain ties."""
    return np.random.default_rng(seed).integers(low, high, shape).astype(np.float64)


def distinct(seed, shape):
    """Returns distinct values, so that a maximum has a gradient."""
    values = np.random.default_rng(seed).permutation(int(np.prod(shape)))
    return values.reshape(shape).astype(np.float64)


def call(layer, *images):
    """Returns the results of a layer for channels_last images, converted to channels_last."""
    first = layer.data_format == "channels_first"
    given = [np.moveaxis(x, 3, 1) if first else x for x in images]
    given = [x if x.dtype == np.int64 else x.astype(layer.variable_dtype) for x in given]
    results = tf.nest.flatten(layer(given[0] if len(given) == 1 else given))
    arrays = [(x if x.dtype.is_integer else tf.cast(x, tf.float64)).numpy() for x in results]
    return [np.moveaxis(x, 1, 3) if first else x for x in arrays]


def fits(size, pool, padding):
    return padding == "same" or (size[0] >= pool[0] and size[1] >= pool[1])


@given(counts, sides, counts, pair, pair, pooling_paddings, formats, policies, seeds)
def pooling_and_unpooling(batch, size, channels, pool, strides, padding, order, policy, seed):
    assume(fits(size, pool, padding))
    images = whole_numbers(seed, (batch, *size, channels))
    settings = (pool, strides, padding, order)
    pooled, argmax = oracles.max_pooling(images, *settings[:3])
    got, where = call(MaxPoolingWithArgmax2D(*settings, dtype=policy), images)
    np.testing.assert_array_equal(got, pooled)
    np.testing.assert_array_equal(where, argmax)
    plain = MaxPooling2D(pool, strides, padding, dtype=policy)
    np.testing.assert_array_equal(call(plain, images)[0], pooled)
    unpool = MaxUnpooling2D(*settings, dtype=policy)
    like = np.moveaxis(images, 3, 1) if order == "channels_first" else images

    def unpooled(*inputs):
        first = order == "channels_first"
        inputs = [np.moveaxis(x, 3, 1) if first else x for x in inputs]
        inputs[0] = inputs[0].astype(unpool.variable_dtype)
        result = unpool(inputs if len(inputs) > 1 else inputs[0], like=tf.constant(like))
        result = tf.cast(result, tf.float64).numpy()
        return np.moveaxis(result, 1, 3) if first else result

    expected = oracles.max_unpooling(pooled, argmax, size)
    np.testing.assert_array_equal(unpooled(pooled, argmax), expected)
    distinct_corners = strides[0] >= pool[0] and strides[1] >= pool[1]
    if distinct_corners:
        corners = oracles.corner_unpooling(pooled, pool, strides, padding, size)
        np.testing.assert_array_equal(unpooled(pooled), corners)


def assert_convolution(layer, images, expected):
    """Compares a layer with whole-number weights, whose results are nearly exact, with NumPy."""
    layer.build((None, None, None, images.shape[3]))
    layer.set_weights([whole_numbers(1, w.shape, -2, 3) for w in layer.weights])
    kernel, bias = (w.astype(np.float64) for w in layer.get_weights())
    np.testing.assert_allclose(call(layer, images)[0], expected(kernel, bias), rtol=1e-6)


exact = st.sampled_from(["float32", "float64"])


@given(counts, sides, counts, counts, pair, st.sampled_from(["full", "same"]), exact, seeds)
def deconvolution(batch, size, channels, filters, kernel, padding, policy, seed):
    images = whole_numbers(seed, (batch, *size, channels))
    for kind in (Deconvolution2D, BlockConvolution2D):
        assert_convolution(
            kind(filters, kernel, padding, "channels_last", dtype=policy),
            images,
            lambda k, b: oracles.convolution(images, k, b, padding),
        )


@given(
    *(counts, sides, counts, counts, pair, pair),
    *(st.sampled_from(["full", "same"]), st.sampled_from(["corner", "nearest"]), exact, seeds),
)
def unpooling_deconvolution(
    batch, size, channels, filters, kernel, pool, padding, mode, dtype, seed
):
    images = whole_numbers(seed, (batch, *size, channels))
    if mode == "nearest":
        larger = images.repeat(pool[0], 1).repeat(pool[1], 2)
    else:
        large = (size[0] * pool[0], size[1] * pool[1])
        larger = oracles.corner_unpooling(images, pool, pool, "valid", large)
    layer = UnpoolingDeconvolution2D(
        filters, kernel, pool, mode, padding=padding, data_format="channels_last", dtype=dtype
    )
    assert_convolution(layer, images, lambda k, b: oracles.convolution(larger, k, b, padding))


@given(counts, sides, counts, st.tuples(*4 * [st.integers(0, 4)]), policies, seeds)
def cropping(batch, size, channels, cuts, policy, seed):
    top, bottom, left, right = cuts
    assume(top + bottom < size[0] and left + right < size[1])
    images = whole_numbers(seed, (batch, *size, channels))
    layer = Cropping2D(((top, bottom), (left, right)), data_format="channels_last", dtype=policy)
    expected = images[:, top : size[0] - bottom, left : size[1] - right]
    np.testing.assert_array_equal(call(layer, images)[0], expected)


def assert_slope(function, values, seed, rtol=1e-5):
    """Asserts that the gradient times a direction equals the central difference along it."""
    rng = np.random.default_rng(seed)
    values, step = tf.constant(values, tf.float64), 1e-4
    direction = rng.normal(size=values.shape)
    with tf.GradientTape() as tape:
        tape.watch(values)
        results = function(values)
        weights = rng.normal(size=results.shape)
        total = tf.reduce_sum(weights * tf.cast(results, tf.float64))
    slope = float(np.sum(tape.gradient(total, values).numpy() * direction))
    ends = [
        np.sum(weights * tf.cast(function(values + s * step * direction), tf.float64).numpy())
        for s in (1, -1)
    ]
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2 * step), rtol=rtol, atol=1e-6)


@given(
    counts,
    sides,
    counts,
    pair,
    pair,
    pooling_paddings,
    st.sampled_from(["corner", "nearest"]),
    seeds,
)
def gradients_of_layers(batch, size, channels, pool, kernel, padding, mode, seed):
    assume(fits(size, pool, padding))
    images = distinct(seed, (batch, *size, channels))
    settings = {"dtype": "float64", "data_format": "channels_last"}
    pooling = MaxPoolingWithArgmax2D(pool, padding=padding, **settings)
    _, argmax = pooling(images)
    for function in (
        lambda x: pooling(x)[0],
        MaxPooling2D(pool, padding=padding, **settings),
        lambda x: MaxUnpooling2D(pool, padding=padding, **settings)(
            [pooling(x)[0], argmax], like=tf.constant(images)
        ),
        MaxUnpooling2D(pool, **settings),
        Deconvolution2D(2, kernel, **settings),
        BlockConvolution2D(2, kernel, "same", **settings),
        UnpoolingDeconvolution2D(2, kernel, pool, mode, padding="same", **settings),
    ):
        assert_slope(function, images, seed)


@given(st.sampled_from(sorted(LOSSES)), st.integers(1, 9), seeds)
def gradients_of_losses(name, count, seed):
    rng = np.random.default_rng(seed)
    real, fake = rng.normal(scale=3.0, size=(2, count, 1))
    assume(np.abs(np.abs([real, fake]) - 1.0).min() > 0.01)  # the corners of the hinge loss
    loss = LOSSES[name]

    def losses(values):
        logits = (values[:1], values[1:])
        generators = loss.generator(*(logits if loss.is_paired else logits[1:]))
        return tf.stack([loss.discriminator(*logits), generators])

    # The losses are computed in float32.
    values = tf.constant(np.stack([real, fake]), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(values)
        total = tf.reduce_sum(losses(values))
    gradient, step = tape.gradient(total, values).numpy(), 0.005
    direction = rng.normal(size=gradient.shape).astype(np.float32)
    direction /= np.abs(direction).max()
    ends = [float(tf.reduce_sum(losses(values + s * step * direction))) for s in (1, -1)]
    slope = float(np.sum(gradient * direction))
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2 * step), rtol=0.01, atol=2e-3)


PROPERTIES = [
    pooling_and_unpooling,
    deconvolution,
    unpooling_deconvolution,
    cropping,
    gradients_of_layers,
    gradients_of_losses,
]


@pytest.mark.parametrize("cases", [12, pytest.param(350, marks=pytest.mark.soak)])
@pytest.mark.parametrize("check", PROPERTIES, ids=lambda check: check.__name__)
def test_property(check, cases):
    health = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    settings(max_examples=cases, deadline=None, database=None, suppress_health_check=health)(
        check
    )()
