"""Distances between two sets of features, computed with NumPy in float64."""

import numpy as np

_ROWS, _COLUMNS = 1000, 10_000  # of the part of a matrix of pairs that is in memory at once


def frechet_distance(mu1, sigma1, mu2, sigma2):
    """Returns |mu1 - mu2|^2 + tr(sigma1 + sigma2 - 2 (sigma1 sigma2)^(1/2)).

    This is the squared Wasserstein-2 distance of two Gaussians. It is 0 if they are equal.

    Args:
        mu1, mu2: float arrays [features], means.
        sigma1, sigma2: float arrays [features, features], covariances.

    Reference:
        [Heusel et al., 2017](https://arxiv.org/abs/1706.08500), equation 6.
    """
    mu1, mu2, sigma1, sigma2 = (np.asarray(x, np.float64) for x in (mu1, mu2, sigma1, sigma2))
    root = _symmetric_root(sigma1)
    # root sigma2 root is symmetric and has the same eigenvalues as sigma1 sigma2.
    eigenvalues = np.linalg.eigvalsh(root @ sigma2 @ root)
    traces = np.trace(sigma1) + np.trace(sigma2)
    overlap = np.sqrt(np.maximum(eigenvalues, 0.0)).sum()
    return float(np.sum((mu1 - mu2) ** 2) + traces - 2.0 * overlap)


def moments(features):
    """Returns mean [features] and covariance [features, features] of features [count, features]."""
    features = np.asarray(features, np.float64)
    return features.mean(0), np.cov(features, rowvar=False)


def kernel_distance(features_a, features_b):
    """Returns the unbiased squared maximum mean discrepancy with kernel (x.y / d + 1)^3.

    For two samples of the same distribution it is about 0, negative as often as positive.

    Args:
        features_a, features_b: float arrays [count, d], at least two rows each.

    Reference:
        [Binkowski et al., 2018](https://arxiv.org/abs/1801.01401), equation 4.
    """
    a, b = np.asarray(features_a, np.float64), np.asarray(features_b, np.float64)
    between = _kernel_sum(a, b) / (len(a) * len(b))
    return float(_mean_within(a) + _mean_within(b) - 2.0 * between)


def precision_recall(real, fake, k=3):
    """Returns the share of fakes covered by photos, and the share of photos covered by fakes.

    A set covers a point if the point is as close to some member of the set as that member's k-th
    nearest neighbour in the set, or closer.

    Args:
        real, fake: float arrays [count, features], more than `k` rows each.
        k: int.

    Returns:
        Pair of floats in 0..1: precision, recall.

    Raises:
        ValueError: there are too few rows.

    Reference:
        [Kynkaanniemi et al., 2019](https://arxiv.org/abs/1904.06991), equations 1 and 2.
    """
    for name, features in (("real", real), ("fake", fake)):
        if len(features) <= k:
            raise ValueError(f"`{name}` must have more than k={k} rows. Received: {len(features)}")
    real, fake = np.asarray(real, np.float64), np.asarray(fake, np.float64)
    return _share_covered(fake, real, k), _share_covered(real, fake, k)


def nearest(points, others):
    """Returns each point's nearest neighbour among others: its index and its distance.

    Args:
        points: float array [count, features].
        others: float array [n, features].

    Returns:
        int array [count] and float64 array [count].
    """
    indices, distances = [], []
    for block in squared_distance_blocks(points, others):
        indices.append(block.argmin(1))
        distances.append(np.sqrt(block.min(1)))
    return np.concatenate(indices), np.concatenate(distances)


def neighbour_distances(points, k):
    """Returns each point's distance to its k-th nearest neighbour, float64 [count]."""
    blocks = squared_distance_blocks(points, points)
    # Index 0 is the point itself, at distance 0.
    return np.sqrt(np.concatenate([np.partition(block, k, 1)[:, k] for block in blocks]))


def squared_distance_blocks(points, others):
    """Yields the squared distances from points to all others in blocks [up to 1000, n]."""
    points, others = np.asarray(points, np.float64), np.asarray(others, np.float64)
    norms = np.einsum("ij,ij->i", others, others)
    for first in range(0, len(points), _ROWS):
        rows = points[first : first + _ROWS]
        yield np.maximum(np.sum(rows**2, 1)[:, None] + norms - 2.0 * rows @ others.T, 0.0)


def _share_covered(points, others, k):
    squared_radii = neighbour_distances(others, k) ** 2
    blocks = squared_distance_blocks(points, others)
    return float(np.mean(np.concatenate([(block <= squared_radii).any(1) for block in blocks])))


def _symmetric_root(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


def _kernel_sum(a, b):
    blocks = (
        a[first : first + _ROWS] @ b[second : second + _COLUMNS].T / a.shape[1] + 1.0
        for first in range(0, len(a), _ROWS)
        for second in range(0, len(b), _COLUMNS)
    )
    return sum(np.sum(block * block * block) for block in blocks)  # ** 3 is ten times slower


def _mean_within(a):
    """Returns the mean kernel over all pairs of different rows."""
    diagonal = np.sum((np.sum(a**2, 1) / a.shape[1] + 1.0) ** 3)
    return (_kernel_sum(a, a) - diagonal) / (len(a) * (len(a) - 1))
