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
            per cent of held-out people's photos are. High for copies, and for samples that
            are blurred or all alike, too: they lie closer to everything.
        share_training: share of samples whose nearest photo of all is one of training
            people, rather than of held-out ones.
        expected_training: that share for a generator that favours neither: the training
            photos' share of all.
    """

    places: np.ndarray
    distances: np.ndarray
    share_closer: float
    share_training: float
    expected_training: float


def find_nearest(samples, training, held_out):
    """Finds each sample's nearest training photo.

    Args:
        samples: float array [count, features].
        training, held_out: lists of float arrays [photos, features], each a version of the
            same photos (as they are, and mirrored), of which the nearest counts.

    Returns:
        `Nearest`.
    """
    places, distances = _nearest_version(samples, training)
    _, real = _nearest_version(held_out[0], training)
    _, others = _nearest_version(samples, held_out)
    photos, rest = len(training[0]), len(held_out[0])
    return Nearest(
        places,
        distances,
        share_closer=float(np.mean(distances < np.quantile(real, _SHARE))),
        share_training=float(np.mean(distances < others)),
        expected_training=photos / (photos + rest),
    )


def _nearest_version(points, versions):
    places, distances = zip(*(nearest(points, version) for version in versions))
    version = np.argmin(distances, 0)
    rows = np.arange(len(points))
    return np.array(places)[version, rows], np.array(distances)[version, rows]


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
