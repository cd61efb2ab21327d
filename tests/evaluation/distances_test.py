import numpy as np
import pytest

from tfgan_faces.evaluation import distances


def test_frechet_distance_with_diagonal_covariances():
    # |(3, 4)|^2 + (1 - 2)^2 + (5 - 3)^2, because the covariances commute
    distance = distances.frechet_distance([0, 0], np.diag([1.0, 25.0]), [3, 4], np.diag([4.0, 9.0]))
    assert distance == pytest.approx(25 + 1 + 4)


def test_frechet_distance_with_covariances_that_do_not_commute():
    a, b = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[1.0, 0.0], [0.0, 4.0]])
    # for 2x2 matrices tr((ab)^(1/2)) is sqrt(tr(ab) + 2 sqrt(det(ab))) = sqrt(10 + 2 sqrt(12))
    expected = 4 + 5 - 2 * np.sqrt(10 + 2 * np.sqrt(12))
    assert distances.frechet_distance([0, 0], a, [0, 0], b) == pytest.approx(expected)
    assert distances.frechet_distance([1, 2], a, [1, 2], a) == pytest.approx(0.0, abs=1e-12)


def test_frechet_distance_with_singular_covariances_is_real():
    singular = np.outer([1.0, 2.0], [1.0, 2.0])
    assert distances.frechet_distance([0, 0], singular, [0, 0], 4 * singular) == pytest.approx(5.0)


def test_kernel_distance_equals_the_double_sum(rng):
    a, b = rng.normal(size=(7, 3)), rng.normal(1.0, size=(5, 3))
    k = lambda x, y: (x @ y / 3 + 1) ** 3  # noqa: E731
    expected = (
        sum(k(a[i], a[j]) for i in range(7) for j in range(7) if i != j) / 42
        + sum(k(b[i], b[j]) for i in range(5) for j in range(5) if i != j) / 20
        - 2 * sum(k(x, y) for x in a for y in b) / 35
    )
    assert distances.kernel_distance(a, b) == pytest.approx(expected)


def test_kernel_distance_is_unbiased(rng):
    values = [
        distances.kernel_distance(rng.normal(size=(20, 4)), rng.normal(size=(30, 4)))
        for _ in range(400)
    ]
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 3 * error
    assert min(values) < 0


def test_precision_and_recall_on_a_line():
    real, fake = np.array([[0.0], [1.0], [2.0], [10.0]]), np.array([[0.5], [1.5], [3.5], [50.0]])
    # With k=1 the radii of the photos are 1, 1, 1, 8: they cover all but 50. The radii of the
    # fakes are 1, 1, 2, 46.5: they cover 0, 1, 2 and 10.
    assert distances.precision_recall(real, fake, k=1) == (0.75, 1.0)
    # no fake covers the photos at -100 and -101
    far = np.array([[0.0], [1.0], [-100.0], [-101.0]])
    assert distances.precision_recall(far, fake[:3], k=1)[1] == 0.5


def test_too_few_points_are_rejected():
    with pytest.raises(ValueError, match="`fake` must have more than k=3 rows. Received: 3"):
        distances.precision_recall(np.zeros((9, 2)), np.zeros((3, 2)))


def test_nearest_over_several_blocks(rng, monkeypatch):
    monkeypatch.setattr(distances, "_ROWS", 4)
    points, others = rng.normal(size=(10, 3)), rng.normal(size=(6, 3))
    table = np.linalg.norm(points[:, None] - others[None], axis=2)
    indices, found = distances.nearest(points, others)
    np.testing.assert_array_equal(indices, table.argmin(1))
    np.testing.assert_allclose(found, table.min(1))
    own = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.testing.assert_allclose(
        distances.neighbour_distances(points, 2), np.sort(own, 1)[:, 2], atol=1e-6
    )
