"""Measures whether a generator reproduces photos that it was trained on."""

import dataclasses

import numpy as np

from tfgan_faces.evaluation.distances import nearest

_PIXELS = 32
_QUANTILE = 0.01


@dataclasses.dataclass(frozen=True)
class Nearest:
    """The nearest training photo of each sample.

    Attributes:
        indices: int array [count], the photos' indices.
        distances: float array [count].
        share_closer: share of samples that are closer to a training photo than 99 % of held-out
            people's photos are. It is high for copies, but also for blurred or uniform samples,
            which are closer to all photos.
        expected_closer: `share_closer` of faces that are as new as the held-out photos. It is
            above 1 % if these are few.
        share_training: share of samples whose nearest photo shows a training person, not a
            held-out one.
        expected_training: `share_training` of a generator that favours neither, which is the
            share of training photos among all photos.
    """

    indices: np.ndarray
    distances: np.ndarray
    share_closer: float
    expected_closer: float
    share_training: float
    expected_training: float


def share_of_near_copies(samples, training, held_out):
    """Returns the share of samples that are closer to a training photo than any held-out photo is.

    Args:
        samples, training, held_out: float arrays [count, features].
    """
    closest = nearest(held_out, training)[1].min()
    return float(np.mean(nearest(samples, training)[1] < closest))


def largest_share_by_chance(held_out_count):
    """Returns what `share_of_near_copies` of new faces exceeds in one of 1,000 cases.

    If faces are as new as `n` held-out photos, the chance that a share above `s` of them is closer
    to a photo than the closest of these is (1 - s)^n.
    """
    return 1.0 - 0.001 ** (1.0 / held_out_count)


def find_nearest(samples, training, held_out):
    """Finds the nearest training photo of each sample.

    Args:
        samples: float array [count, features].
        training, held_out: lists of float arrays [photos, features]. Each is a version of the
            same photos, such as mirrored ones. The nearest version counts.

    Returns:
        `Nearest`.
    """
    indices, distances = _nearest_version(samples, training)
    _, real = _nearest_version(held_out[0], training)
    _, others = _nearest_version(samples, held_out)
    training_count, held_out_count = len(training[0]), len(held_out[0])
    return Nearest(
        indices,
        distances,
        share_closer=float(np.mean(distances < np.quantile(real, _QUANTILE))),
        expected_closer=_share_below_quantile(held_out_count),
        share_training=float(np.mean(distances < others)),
        expected_training=training_count / (training_count + held_out_count),
    )


def _share_below_quantile(count):
    """Returns the expected share of new values below the quantile of `count` values.

    The k-th smallest of n values has an expected share of k / (n + 1) below it. The quantile lies
    between two of them, at k = 1 + 0.01 (n - 1).
    """
    return (1.0 + _QUANTILE * (count - 1)) / (count + 1)


def _nearest_version(points, versions):
    indices, distances = zip(*(nearest(points, version) for version in versions))
    version = np.argmin(distances, 0)
    rows = np.arange(len(points))
    return np.array(indices)[version, rows], np.array(distances)[version, rows]


def pixel_features(images):
    """Returns images as vectors of pixels in 0..1, reduced to 32x32 by averaging squares.

    Args:
        images: uint8 array [count, size, size, 3].

    Returns:
        float32 array [count, 32 * 32 * 3]. Images keep their size if it is not a multiple of 32.
    """
    count, size, _, channels = images.shape
    factor = size // _PIXELS if size % _PIXELS == 0 else 1
    blocks = images.reshape(count, size // factor, factor, size // factor, factor, channels)
    return blocks.mean((2, 4), dtype=np.float32).reshape(count, -1) / np.float32(255.0)
