"""Does a generator repeat photos that it was trained on?"""

import dataclasses

import numpy as np

from tfgan_faces.evaluation.distances import nearest

_PIXELS = 32
_SHARE = 0.01


@dataclasses.dataclass(frozen=True)
class Nearest:
    """The nearest training photo of each sample.

    Attributes:
        places: int array [count], the photos' places.
        distances: float array [count].
        share_closer: share of samples that are closer to a training photo than all but one
            per cent of the photos of other people are.
    """

    places: np.ndarray
    distances: np.ndarray
    share_closer: float


def find_nearest(samples, training, held_out):
    """Finds each sample's nearest training photo.

    A generator that repeats nothing has about 1 % of its samples closer to a training photo
    than real photos of people who are not in the training set come: `share_closer` is 0.01.

    Args:
        samples, training, held_out: float arrays [count, features].

    Returns:
        `Nearest`.
    """
    places, distances = nearest(samples, training)
    _, real = nearest(held_out, training)
    closer = distances < np.quantile(real, _SHARE)
    return Nearest(places, distances, float(closer.mean()))


def pixel_features(images):
    """Returns images as vectors of pixels at 32x32 (means of squares), in 0..1.

    Args:
        images: uint8 array [count, size, size, 3].

    Returns:
        float32 array [count, 32 * 32 * 3], or of the full size where that is not a multiple.
    """
    count, size, _, channels = images.shape
    factor = size // _PIXELS if size % _PIXELS == 0 else 1
    blocks = images.reshape(count, size // factor, factor, size // factor, factor, channels)
    return blocks.mean((2, 4), dtype=np.float32).reshape(count, -1) / np.float32(255.0)
