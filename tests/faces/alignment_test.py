import math

import numpy as np
import pytest

from tfgan_faces.faces.alignment import LFW_LANDMARKS, align, similarity

DEGREES = math.pi / 180


def transformed(points, angle, scale, shift):
    """Rotates clockwise as seen on the screen, scales and shifts points; x right, y down."""
    rotation = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return scale * points @ rotation.T + shift


def blobs(places, size):
    """Returns a dark picture with a bright, round spot at each place."""
    rows, columns = np.mgrid[:size, :size] + 0.5
    light = np.zeros((size, size))
    for x, y in places:
        light = np.maximum(light, np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 18.0))
    return np.uint8(np.rint(255 * light))[..., None].repeat(3, -1)


def brightest(image, near, reach=5):
    """Returns the centre of brightness in a square around a place."""
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
    weights = image[..., 0].astype(float) ** 2
    weights *= (abs(columns - near[0]) < reach) & (abs(rows - near[1]) < reach)
    return np.array([(weights * axis).sum() for axis in (columns, rows)]) / weights.sum()


@pytest.mark.parametrize(("angle", "scale"), [(0, 1), (30, 0.5), (-45, 2), (180, 1.5)])
def test_similarity_undoes_a_rotation_scaling_and_shift(angle, scale):
    points = 100 * LFW_LANDMARKS
    moved = transformed(points, angle * DEGREES, scale, (7.0, -3.0))
    matrix = similarity(moved, points)
    np.testing.assert_allclose(moved @ matrix[:, :2].T + matrix[:, 2], points, atol=1e-9)


def test_similarity_has_the_least_squares_of_points_that_do_not_match():
    """Two points at a distance of 2, brought to a distance of 4, and a third in their middle."""
    points = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    targets = np.array([[-2.0, 1.0], [2.0, 1.0], [0.0, 4.0]])
    # The spread of the points, 2, and its product with the targets' spread, 4, give the scale 2.
    np.testing.assert_allclose(similarity(points, targets), [[2, 0, 0], [0, 2, 2]], atol=1e-12)


def test_a_reflection_is_not_undone():
    mirrored = LFW_LANDMARKS * (-1, 1)
    matrix = similarity(mirrored, LFW_LANDMARKS)
    assert np.linalg.det(matrix[:, :2]) >= 0


def test_landmarks_in_one_place_are_refused():
    with pytest.raises(ValueError, match="landmarks of the face are all in the same place"):
        similarity(np.ones((5, 2)), LFW_LANDMARKS)


@pytest.mark.parametrize("scale", [0.7, 1.0, 3.0])
@pytest.mark.parametrize("angle", [0, 25])
def test_landmarks_come_to_the_places_of_lfws_faces(angle, scale):
    """The places in an image of 64 pixels that shows 0.6 of an LFW photo, from its middle."""
    size = 600
    landmarks = transformed(100 * (LFW_LANDMARKS - 0.5), angle * DEGREES, scale, (330, 280))
    aligned = align(blobs(landmarks, size), landmarks, crop=0.6, image_size=64)
    assert aligned.shape == (64, 64, 3)
    assert aligned.dtype == np.uint8
    for place in ((LFW_LANDMARKS - 0.5) / 0.6 + 0.5) * 64:
        np.testing.assert_allclose(brightest(aligned, place), place, atol=0.3)


def test_a_photo_that_shrinks_is_antialiased():
    """Stripes of one pixel become gray, not stripes of another width."""
    size, scale = 640, 5.0
    image = np.zeros((size, size, 3), np.uint8)
    image[:, ::2] = 255
    landmarks = transformed(100 * (LFW_LANDMARKS - 0.5), 0.0, scale, (320, 320))
    aligned = align(image, landmarks, crop=0.6, image_size=32)
    np.testing.assert_allclose(aligned[8:24, 8:24], 127.5, atol=12)


def test_parts_beyond_the_photos_edge_are_reflected():
    image = np.full((60, 60, 3), 90, np.uint8)
    landmarks = transformed(100 * (LFW_LANDMARKS - 0.5), 0.0, 1.0, (10, 10))
    assert (align(image, landmarks, crop=1.0, image_size=32) == 90).all()
