import numpy as np
import pytest

from tfgan_faces.evaluation.memorisation import (
    find_nearest,
    largest_share_by_chance,
    pixel_features,
    share_of_near_copies,
)


def test_copies_are_found(rng):
    training, held_out = rng.normal(size=(200, 8)), rng.normal(size=(100, 8))
    samples = np.concatenate([training[[7, 3]] + 1e-6, rng.normal(size=(50, 8))])
    found = find_nearest(samples, [training], [held_out])
    assert list(found.indices[:2]) == [7, 3]
    assert found.distances[:2].max() < 1e-5
    assert 2 / 52 <= found.share_closer <= 5 / 52
    copies = find_nearest(training, [training], [held_out])
    assert copies.share_closer == copies.share_training == 1.0


def test_the_share_of_training_neighbours_without_copies(rng):
    samples, training, held_out = (rng.normal(size=(count, 6)) for count in (2000, 300, 100))
    found = find_nearest(samples, [training], [held_out])
    assert found.expected_training == 0.75
    assert 0.68 < found.share_training < 0.82


@pytest.mark.parametrize(("count", "expected"), [(10, 1.09 / 11), (100, 1.99 / 101)])
def test_new_faces_are_as_often_close_as_expected_if_few_photos_are_held_out(rng, count, expected):
    training, shares = np.zeros((1, 1)), []
    for _ in range(300):
        held_out, samples = rng.uniform(size=(count, 1)), rng.uniform(size=(500, 1))
        found = find_nearest(samples, [training], [held_out])
        assert found.expected_closer == pytest.approx(expected)
        shares.append(found.share_closer)
    assert np.mean(shares) == pytest.approx(expected, rel=0.2)  # three standard errors


def test_mirrored_copies_are_found(rng):
    photos = rng.integers(0, 256, (20, 32, 32, 3), np.uint8)
    versions = [[pixel_features(x), pixel_features(x[:, :, ::-1])] for x in (photos, 255 - photos)]
    found = find_nearest(pixel_features(photos[5:8, :, ::-1]), *versions)
    assert list(found.indices) == [5, 6, 7]
    assert found.distances.max() < 1e-3


def test_pixels_are_means_of_squares():
    image = np.zeros((1, 64, 64, 3), np.uint8)
    image[0, :2, :2] = [[[255, 0, 0]], [[255, 0, 0]]]
    vector = pixel_features(image)
    assert vector.shape == (1, 32 * 32 * 3)
    assert vector[0, 0] == 1.0
    assert vector[0, 1:].max() == 0.0
    assert pixel_features(image[:, :16, :16]).shape == (1, 16 * 16 * 3)


def test_near_copies_are_closer_than_any_held_out_photo():
    training, held_out = np.array([[0.0], [10.0]]), np.array([[1.0], [8.5]])
    samples = np.array([[0.5], [1.0], [9.5], [5.0]])
    assert share_of_near_copies(samples, training, held_out) == 0.5


def test_new_faces_are_rarely_mistaken_for_near_copies(rng):
    """The limit is exceeded in 1 of 1,000 draws, whatever the distribution of the photos is."""
    count, held_out_count, draws = 400, 12, 4000
    distances = rng.exponential(size=(draws, held_out_count + count))
    closest = distances[:, :held_out_count].min(1, keepdims=True)
    shares = (distances[:, held_out_count:] < closest).mean(1)
    exceeded = np.mean(shares > largest_share_by_chance(held_out_count))
    assert exceeded == pytest.approx(0.001, abs=0.0015)  # three standard deviations
    assert largest_share_by_chance(1) == 0.999
