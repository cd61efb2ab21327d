"""Turns, scales and shifts a photo so that a face is where LFW's faces are."""

import math

import numpy as np

# Mean places of the right eye, left eye, nose, and right and left corner of the mouth in LFW's
# deep-funneled photos: x and y as fractions of the photo's side, from its top left corner.
# Measured by `python -m benchmarks.landmarks lfw-deepfunneled.tgz`.
LFW_LANDMARKS = np.array(
    [[0.4163, 0.4490], [0.5904, 0.4478], [0.5044, 0.5475], [0.4331, 0.6253], [0.5810, 0.6238]]
)


def align(image, landmarks, crop, image_size):
    """Returns the face with these landmarks as a square image, in the place of LFW's faces.

    The image is transformed by the rotation, scaling and shift that bring its landmarks closest
    to `LFW_LANDMARKS`. Parts beyond its edge are filled by reflection. The result is resized
    with antialiasing.

    Args:
        image: uint8 RGB array [height, width, 3].
        landmarks: float array [5, 2], x and y in pixels, in the order of `LFW_LANDMARKS`.
        crop: side of the square as a fraction of an LFW photo's side, in (0, 1].
        image_size: int, height and width of the result in pixels.

    Returns:
        uint8 array [image_size, image_size, 3].
    """
    return transformed(image, alignment(landmarks, crop, image_size), image_size)


def alignment(landmarks, crop, image_size):
    """Returns the matrix of `align`, from pixels of the photo to pixels of the result.

    Args:
        landmarks, crop, image_size: see `align`.

    Returns:
        Float array [2, 3], see `similarity`.
    """
    return similarity(landmarks, ((LFW_LANDMARKS - 0.5) / crop + 0.5) * image_size)


def transformed(image, matrix, image_size):
    """Returns a square image whose pixels come from an image through a matrix, antialiased.

    Args:
        image: uint8 RGB array [height, width, 3].
        matrix: float array [2, 3], see `alignment`.
        image_size: int, height and width of the result in pixels.
    """
    import cv2

    # A photo that shrinks is transformed to a multiple of the size, whose blocks are averaged.
    factor = max(1, math.ceil(1.0 / np.hypot(*matrix[:, 0])))
    matrix = factor * matrix
    # OpenCV's coordinates are those of the pixels' centres; here, pixel 0 reaches from 0 to 1.
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    side = factor * image_size
    large = cv2.warpAffine(
        image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return cv2.resize(large, (image_size, image_size), interpolation=cv2.INTER_AREA)


def similarity(points, targets):
    """Returns the rotation, scaling and shift that bring points closest to targets.

    With points as complex numbers, it is z -> a z + b with the smallest sum of squared distances.

    Args:
        points, targets: float arrays [count, 2], x and y.

    Returns:
        Float array [2, 3]: a matrix and, in the last column, a shift.

    Raises:
        ValueError: all points are in the same place.

    Reference:
        [Umeyama, 1991](https://doi.org/10.1109/34.88573), without reflections.
    """
    points, targets = (np.asarray(places, np.float64) @ (1.0, 1.0j) for places in (points, targets))
    middle, target_middle = points.mean(), targets.mean()
    points, targets = points - middle, targets - target_middle
    spread = np.vdot(points, points).real
    if not spread > 0.0:
        raise ValueError("the landmarks of the face are all in the same place")
    a = np.vdot(points, targets) / spread
    b = target_middle - a * middle
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])
