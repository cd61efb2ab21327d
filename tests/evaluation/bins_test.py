import numpy as np
import pytest

from tfgan_faces.evaluation.bins import bin_shares, find_bins, share_of_scarce_bins


def test_separate_clusters_have_one_bin_each(rng):
    centres = np.array([[0.0, 0.0], [50.0, 0.0], [0.0, 50.0]])
    photos = np.concatenate([c + rng.normal(size=(n, 2)) for c, n in zip(centres, (60, 30, 10))])
    found = find_bins(photos, 3)
    shares = bin_shares(photos, found)
    assert sorted(shares) == pytest.approx([0.1, 0.3, 0.6])


def test_significantly_rare_bins_are_counted():
    photos = np.full(10, 0.1)
    without = np.array([0.0, *[1 / 9] * 9])
    assert share_of_scarce_bins(without, 1000, photos, 1000) == 0.1
    # 0.1 and 0.08 of 1000: 0.02 is less than 1.96 * sqrt(0.09 * 0.91 * 2 / 1000) = 0.0251
    slightly = np.array([0.08, 0.12, *[0.1] * 8])
    assert share_of_scarce_bins(slightly, 1000, photos, 1000) == 0.0
    # with 10,000 faces the same difference is more than 1.96 * 0.0040
    assert share_of_scarce_bins(slightly, 10_000, photos, 10_000) == 0.1
