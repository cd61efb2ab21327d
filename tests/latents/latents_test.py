import numpy as np
import tensorflow as tf

from tfgan_faces import latents


def test_latents_of_a_seed_never_change():
    """The expected values are fixed: they are the same on every machine."""
    got = latents.latents_from_seeds(tf.constant([0, 7, 2**40], tf.int64), 3).numpy()
    expected = [
        [-1.697034, -0.481377, -0.662237],
        [-0.674173, -0.358693, -1.879582],
        [-0.132299, -1.40129, 0.024209],
    ]
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_latent_does_not_depend_on_its_batch():
    together = latents.latents_from_seeds(tf.range(50, dtype=tf.int64), 16).numpy()
    for seed in (0, 13, 49):
        alone = latents.latents_from_seeds(tf.constant([seed], tf.int64), 16).numpy()
        np.testing.assert_array_equal(together[seed], alone[0])


def test_latents_are_standard_normal():
    values = latents.latents_from_seeds(tf.range(500, dtype=tf.int64), 64).numpy()
    assert abs(values.mean()) < 0.02
    assert abs(values.std() - 1.0) < 0.02
    assert abs(np.corrcoef(values[:-1].ravel(), values[1:].ravel())[0, 1]) < 0.02


def test_truncation_scales():
    np.testing.assert_array_equal(latents.truncate(np.float32([[2.0, -4.0]]), 0.5), [[1.0, -2.0]])


def test_spherical_interpolation_follows_the_arc():
    east, north = tf.constant([[1.0, 0.0]]), tf.constant([[0.0, 1.0]])
    middle = latents.spherical_interpolation(east, north, 0.5)
    np.testing.assert_allclose(middle, [[np.sqrt(0.5), np.sqrt(0.5)]], atol=1e-6)
    third = latents.spherical_interpolation(east, north, 1 / 3)
    np.testing.assert_allclose(third, [[np.cos(np.pi / 6), 0.5]], atol=1e-6)
    for fraction, end in ((0.0, east), (1.0, north)):
        got = latents.spherical_interpolation(east, north, fraction)
        np.testing.assert_allclose(got, end, atol=1e-6)


def test_spherical_interpolation_of_parallel_latents_is_straight():
    start = tf.constant([[1.0, 2.0]])
    got = latents.spherical_interpolation(start, 3.0 * start, 0.25)
    np.testing.assert_allclose(got, 1.5 * start, rtol=1e-6)
