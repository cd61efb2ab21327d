"""Penalties of a discriminator with a known gradient: sum(w x^2) / 2 has the gradient w x."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.objectives.augmentation import cutout
from tfgan_faces.objectives.penalties import (
    gradient_penalty,
    squared_gradient_norms,
    zero_centered_penalty,
)

IMAGES = np.arange(24, dtype=np.float32).reshape(2, 2, 2, 3) / 10
WEIGHTS = np.linspace(-1.0, 2.0, 12, dtype=np.float32).reshape(2, 2, 3)


def judge(images):
    return tf.reduce_sum(WEIGHTS * tf.square(images) / 2, (1, 2, 3))[:, None]


def squared_norms(images):
    return np.sum((WEIGHTS * images) ** 2, (1, 2, 3))


def test_each_image_has_a_separate_gradient():
    norms = squared_gradient_norms(judge, tf.constant(IMAGES))
    np.testing.assert_allclose(norms, squared_norms(IMAGES), rtol=1e-6)


def test_r1_is_half_gamma_times_the_mean_of_squared_norms():
    penalty = zero_centered_penalty(judge, tf.constant(IMAGES), gamma=3.0)
    np.testing.assert_allclose(penalty, 1.5 * squared_norms(IMAGES).mean(), rtol=1e-6)


def test_pixels_that_an_augmentation_hides_have_no_gradient():
    images, uniforms = tf.ones((8, 8, 8, 3)), tf.random.stateless_uniform((8, 2), (1, 2))
    kept = np.sum(cutout(images, uniforms).numpy(), (1, 2, 3))  # how many values are left
    norms = squared_gradient_norms(
        lambda x: 2 * tf.reduce_sum(cutout(x, uniforms), (1, 2, 3))[:, None], images
    )
    np.testing.assert_allclose(norms, 4 * kept)
    assert kept.min() < 192


def test_gradient_penalty_of_a_constant_slope():
    # D(x) = 2 * sum(x) over 12 values has the gradient norm 2 sqrt(12) everywhere
    penalty = gradient_penalty(
        lambda x: 2 * tf.reduce_sum(x, (1, 2, 3))[:, None],
        tf.constant(IMAGES),
        tf.constant(-IMAGES),
        weight=10.0,
        uniforms=tf.constant([[0.2], [0.7]]),
    )
    assert float(penalty) == pytest.approx(10 * (2 * 12**0.5 - 1) ** 2, rel=1e-5)


def test_gradient_penalty_takes_one_point_on_the_line_of_each_pair():
    seen = []

    def keep(images):
        seen.append(images)
        return judge(images)

    photos, fakes = tf.ones((3, 2, 2, 3)), tf.fill((3, 2, 2, 3), 5.0)
    gradient_penalty(keep, photos, fakes, 10.0, tf.constant([[0.0], [0.25], [1.0]]))
    points = seen[0].numpy().reshape(3, -1)
    np.testing.assert_array_equal(points, np.tile([[5.0], [4.0], [1.0]], 12))


def test_a_flat_discriminator_has_finite_gradients():
    weight = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        penalty = gradient_penalty(
            lambda x: weight * tf.reduce_sum(x, (1, 2, 3))[:, None],
            *(tf.constant(IMAGES),) * 2,
            weight=10.0,
            uniforms=tf.constant([[0.5], [0.5]]),
        )
    assert np.isfinite(tape.gradient(penalty, weight))
