"""Kinds of faces: bins of the photos' features, and the share of faces in each bin."""

import numpy as np

from tfgan_faces.evaluation.distances import nearest

_ROUNDS, _SEED = 20, 11
_SIGNIFICANT = 1.96  # standard errors: 1 in 20 by chance, two-sided


def find_bins(photos, count=50):
    """Returns the centres of bins of similar photos, float64 [count, features], by k-means.

    Args:
        photos: float array [photos, features], at least `count` rows.
        count: int, the number of bins.
    """
    photos = np.asarray(photos, np.float64)
    centres = photos[np.random.default_rng(_SEED).choice(len(photos), count, replace=False)]
    for _ in range(_ROUNDS):
        indices, _ = nearest(photos, centres)
        members = np.bincount(indices, minlength=count)
        sums = np.zeros_like(centres)
        np.add.at(sums, indices, photos)
        centres = np.where(members[:, None] > 0, sums / np.maximum(members, 1)[:, None], centres)
    return centres


def bin_shares(features, centres):
    """Returns the share of features nearest to each centre, float64 [count]."""
    indices, _ = nearest(features, centres)
    return np.bincount(indices, minlength=len(centres)) / len(features)


def share_of_scarce_bins(shares, count, photo_shares, photo_count):
    """Returns the share of bins that have significantly fewer faces than photos.

    By chance it is 1 in 40, if faces and photos have the same proportions.

    Args:
        shares, photo_shares: float arrays [bins], see `bin_shares`.
        count, photo_count: int, numbers of faces and of photos.

    Reference:
        [Richardson and Weiss, 2018](https://arxiv.org/abs/1805.12462), section 2, one-sided.
    """
    pooled = (shares * count + photo_shares * photo_count) / (count + photo_count)
    error = np.sqrt(pooled * (1.0 - pooled) * (1.0 / count + 1.0 / photo_count))
    return float(np.mean(photo_shares - shares > _SIGNIFICANT * error))
