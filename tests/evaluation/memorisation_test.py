import numpy as np

from tfgan_faces.evaluation.memorisation import find_nearest, pixel_features


def test_copies_are_found_and_counted(rng):
    training, held_out = rng.normal(size=(200, 8)), rng.normal(size=(100, 8))
    fresh = rng.normal(size=(50, 8))
    samples = np.concatenate([training[[7, 3]] + 1e-6, fresh])
    found = find_nearest(samples, training, held_out)
    assert list(found.places[:2]) == [7, 3]
    assert found.distances[:2].max() < 1e-5
    assert 2 / 52 <= found.share_closer <= 5 / 52
    assert find_nearest(training, training, held_out).share_closer == 1.0


def test_pixels_are_means_of_squares():
    image = np.zeros((1, 64, 64, 3), np.uint8)
    image[0, :2, :2] = [[[255, 0, 0]], [[255, 0, 0]]]
    vector = pixel_features(image)
    assert vector.shape == (1, 32 * 32 * 3)
    assert vector[0, 0] == 1.0
    assert vector[0, 1:].max() == 0.0
    assert pixel_features(image[:, :16, :16]).shape == (1, 16 * 16 * 3)
