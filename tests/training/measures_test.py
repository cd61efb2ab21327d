import math

import numpy as np
import pytest

from tfgan_faces.objectives.losses import LOSSES
from tfgan_faces.training.measures import (
    MEASURES,
    RunningMeans,
    brightness_correlation,
    discriminator_measures,
)

REAL = np.float32([[2.0], [0.6], [0.1], [-1.0]])
FAKE = np.float32([[-3.0], [-0.1], [0.3], [0.2]])


@pytest.mark.parametrize(
    ("loss", "threshold", "real_success", "fake_success"),
    [
        ("non_saturating", 0.0, 0.75, 0.5),
        ("hinge", 0.0, 0.75, 0.5),
        ("least_squares", 0.5, 0.5, 1.0),  # half way between the targets 0 and 1
        ("relativistic", (0.425 - 0.65) / 2, 0.75, 0.25),
        ("wasserstein", (0.425 - 0.65) / 2, 0.75, 0.25),  # half way between the mean scores
    ],
)
def test_success_is_the_share_on_the_right_side(loss, threshold, real_success, fake_success):
    measures = discriminator_measures(0.0, 0.25, REAL, FAKE, LOSSES[loss].threshold)
    assert float(measures["threshold"]) == pytest.approx(threshold)
    assert measures["penalty"] == 0.25
    assert float(measures["real_success"]) == real_success
    assert float(measures["fake_success"]) == fake_success
    assert float(measures["distance_estimate"]) == pytest.approx(0.425 + 0.65)
    errors = [math.log1p(math.exp(-logit)) for logit in REAL.ravel()]
    assert float(measures["real_error"]) == pytest.approx(np.mean(errors))


def test_reading_resets_the_running_means():
    running = RunningMeans(MEASURES)
    for value in (1.0, 3.0):
        running.add({**dict.fromkeys(MEASURES, value), "another": 7.0})
    assert running.read() == dict.fromkeys(MEASURES, 2.0)
    running.add(dict.fromkeys(MEASURES, 5.0))
    assert running.read() == dict.fromkeys(MEASURES, 5.0)


def test_brightness_correlation_is_the_absolute_pearson_correlation():
    means = np.float32([0.0, 1.0, 2.0, 5.0])
    images = means[:, None, None, None] + np.float32([-0.5, 0.5]).reshape(1, 1, 2, 1)
    scores = np.float32([1.0, 3.0, 2.0, 4.0])[:, None]
    expected = np.corrcoef(means, scores[:, 0])[0, 1]
    assert float(brightness_correlation(images, -scores)) == pytest.approx(expected)
    assert float(brightness_correlation(images, 3.0 - means[:, None])) == pytest.approx(1.0)
    assert float(brightness_correlation(images, np.ones_like(scores))) == 0.0  # not NaN
