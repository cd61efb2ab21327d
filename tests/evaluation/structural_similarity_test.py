import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.evaluation.structural_similarity import ms_ssim, ms_ssim_diversity


@pytest.mark.parametrize(("size", "scales"), [(32, 2), (64, 3), (192, 5)])
def test_ms_ssim_equals_tensorflows(size, scales, rng):
    base = rng.integers(0, 256, (3, size, size, 3))
    other = np.clip(base + rng.normal(scale=40, size=base.shape), 0, 255)
    weights = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])[:scales]
    expected = tf.image.ssim_multiscale(
        tf.constant(base, tf.float32), tf.constant(other, tf.float32), 255, weights / weights.sum()
    )
    np.testing.assert_allclose(ms_ssim(base, other), expected, atol=2e-4)


def test_equal_images_have_similarity_1(rng):
    image = rng.integers(0, 256, (1, 32, 32, 3), np.uint8)
    assert ms_ssim_diversity(image.repeat(5, 0), pairs=7) == pytest.approx(1.0)
    noise = rng.integers(0, 256, (20, 32, 32, 3), np.uint8)
    assert ms_ssim_diversity(noise, pairs=30) < 0.2
