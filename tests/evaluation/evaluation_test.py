import copy

import numpy as np
import pytest

from tfgan_faces.evaluation.evaluation import Evaluation


class MeanColours:
    """Replaces a network: the features are the mean colours of the quarters."""

    name, resizing = "mean colours", "none"

    def __call__(self, images):
        blocks = images.reshape(len(images), 2, 16, 2, 16, 3).mean((2, 4))
        return blocks.reshape(len(images), -1) / 25.0


@pytest.fixture(scope="module")
def evaluation():
    rng = np.random.default_rng(3)

    def some(count, shift=0):
        images = rng.integers(0, 200, (count, 4, 4, 3)).repeat(8, 1).repeat(8, 2)
        return np.uint8(images + shift)

    training = some(120)
    fakes = np.concatenate([training[:10], some(140, shift=30)])
    return Evaluation(fakes, training, some(40), MeanColours())


def test_every_measurement_records_its_origin(evaluation):
    for measurement in evaluation.measurements:
        assert measurement.fakes > 0
        assert measurement.photos > 0
        assert measurement.features
        assert measurement.against in ("training", "held_out")
        assert np.isfinite(measurement.value)


def test_counts_are_the_numbers_of_compared_images(evaluation):
    counted = {(m.name, m.fakes, m.photos) for m in evaluation.measurements}
    # 150 fakes, 120 training photos, 40 held-out photos
    assert ("precision", 120, 120) in counted
    assert ("recall", 40, 40) in counted
    assert ("sliced Wasserstein distance x1000, level 32", 40, 40) in counted
    assert ("Frechet distance", 150, 40) in counted


def test_shifted_fakes_are_more_distant_than_real_photos(evaluation):
    found = {(m.name, m.against): m for m in evaluation.measurements}
    for people in ("training", "held_out"):
        frechet = found["Frechet distance", people]
        assert frechet.value > found["Frechet distance", "held_out"].real
        assert frechet.photos == {"training": 120, "held_out": 40}[people]


@pytest.mark.usefixtures("quickly_evaluated")
def test_faces_are_asked_for_their_label(evaluation):
    """Photos of the second label are a quarter as bright, and a third of the faces are wrong."""
    images = {name: photos.copy() for name, photos in evaluation.images.items()}
    labels = {name: np.arange(len(photos)) % 2 for name, photos in images.items()}
    for name, photos in images.items():
        photos[labels[name] == 1] //= 4
    labelled = copy.copy(evaluation)
    labelled.images, labelled.measurements = images, []
    asked = np.where(np.arange(150) % 3, labels["fakes"], 1 - labels["fakes"])
    labelled.measure_labels(asked, labels["training"], labels["held_out"])
    (measurement,) = labelled.measurements
    assert measurement.value == pytest.approx(2 / 3)
    assert measurement.real == 1.0
    assert (measurement.fakes, measurement.photos) == (150, 120)


def test_copies_of_photos_are_detected(evaluation):
    for kind in ("features", "pixels"):
        nearest = evaluation.nearest[kind]
        np.testing.assert_array_equal(nearest.indices[:10], range(10))
        assert nearest.share_closer >= 10 / 150


def test_the_detectors_scores_are_summed_up_beside_those_of_held_out_photos(evaluation):
    class Detector:
        """Is sure of bright images, and finds nothing in dark ones."""

        name = "a detector"

        def __call__(self, image):
            return np.array([[0.0] * 14 + [0.95 if image[64, 64].mean() > 128 else 0.0]])

    before = len(evaluation.measurements)
    evaluation.measure_detection(Detector())
    found, clear, mean = evaluation.measurements[before:]
    bright = {
        name: np.mean([image[15:17, 15:17].mean() > 128 for image in images])
        for name, images in evaluation.images.items()
    }
    for measured in (found, clear):
        assert measured.value == pytest.approx(bright["fakes"], abs=0.05)
        assert measured.real == pytest.approx(bright["held_out"], abs=0.05)
    assert mean.value == pytest.approx(0.95 * found.value)
    assert (found.fakes, found.photos, found.features) == (150, 40, "a detector")
