import numpy as np

from tfgan_faces.evaluation.memorisation import find_nearest, pixel_features


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
