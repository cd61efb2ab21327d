import numpy as np
import pytest

from tfgan_faces.evaluation import sliced_wasserstein
from tfgan_faces.evaluation.sliced_wasserstein import laplacian_level, sliced_wasserstein_distance


def test_levels_and_the_small_distance_of_equal_sets(rng):
    images = rng.integers(0, 256, (64, 64, 64, 3), np.uint8)
    distances = sliced_wasserstein_distance(images, images)
    assert list(distances) == [64, 32, 16]
    # different patches of the same images: only sampling noise remains
    assert max(distances.values()) < 25


def test_fine_details_change_the_fine_level_most(rng):
    images = rng.integers(0, 256, (48, 32, 32, 3)).astype(np.float32)
    images = images + images.repeat(8, 1).repeat(8, 2)[:, :32, :32]
    images = np.uint8(images / 2)
    fine = images.copy()
    fine[:, ::2] = 128  # stripes of one pixel
    distances = sliced_wasserstein_distance(images, fine)
    assert distances[32] > 1.5 * distances[16]


def test_brightness_and_contrast_of_a_whole_set_have_no_effect(rng):
    """Each channel is normalised over its set, as in Karras et al."""
    a, b = rng.uniform(0, 255, (2, 32, 32, 32, 3)).astype(np.float32)
    b[:, ::2] *= 0.5
    changed = b * np.float32([2.0, 1.0, 0.5]) + np.float32([0.0, 9.0, -9.0])
    expected = sliced_wasserstein_distance(a, b)
    for level, distance in sliced_wasserstein_distance(a, changed).items():
        assert distance == pytest.approx(expected[level], rel=1e-3)


def test_known_distance_of_two_point_patches(monkeypatch):
    """The patches have one dimension, so every direction is 1 or -1."""
    a = np.array([[-1.0], [1.0], [-1.0], [1.0]], np.float32)
    b = np.array([[-3.0], [1.0], [1.0], [3.0]], np.float32)
    monkeypatch.setattr(sliced_wasserstein, "DIRECTIONS", 32)
    # sorted: -1 -1 1 1 and -3 1 1 3, or mirrored: mean(2, 2, 0, 2)
    distance = sliced_wasserstein._sliced_distance(a, b, np.random.default_rng(0))
    assert distance == pytest.approx(1.5)


def test_the_pyramid_sums_to_the_image(rng):
    images = rng.uniform(0, 255, (2, 32, 32, 3)).astype(np.float32)
    coarse, fine = laplacian_level(images, 16), laplacian_level(images, 32)
    np.testing.assert_allclose(fine + sliced_wasserstein._larger(coarse), images, atol=1e-3)
    flat = np.full((1, 32, 32, 3), 7.0)
    np.testing.assert_allclose(laplacian_level(flat, 16), 7.0, rtol=1e-6)
    np.testing.assert_allclose(laplacian_level(flat, 32), 0.0, atol=1e-5)


def test_different_counts_are_rejected(rng):
    with pytest.raises(ValueError, match="must have the same shape. Received"):
        sliced_wasserstein_distance(np.zeros((2, 16, 16, 3)), np.zeros((3, 16, 16, 3)))


@pytest.mark.parametrize(("size", "levels"), [(250, [250, 125, 63, 32, 16]), (33, [33, 17])])
def test_odd_sizes_have_levels_of_half_the_size_rounded_up(rng, size, levels):
    images = rng.integers(0, 256, (4, size, size, 3), np.uint8)
    assert list(sliced_wasserstein_distance(images, images)) == levels
    flat = np.full((1, size, size, 3), 7.0)
    for level in levels:  # the coarsest contains the mean, the others contain differences
        band = 7.0 if level == levels[-1] else 0.0
        np.testing.assert_allclose(laplacian_level(flat, level), band, atol=1e-4)
