"""Measures a set of generated faces, and records what each number was computed from."""

import dataclasses

import numpy as np

from tfgan_faces.arguments import check_images
from tfgan_faces.evaluation import attributes
from tfgan_faces.evaluation.bins import bin_shares, find_bins, share_of_scarce_bins
from tfgan_faces.evaluation.detection import RESIZING, SUMMARIES, face_scores
from tfgan_faces.evaluation.distances import (
    frechet_distance,
    kernel_distance,
    moments,
    precision_recall,
)
from tfgan_faces.evaluation.image_classifier import ImageClassifier
from tfgan_faces.evaluation.memorisation import find_nearest, pixel_features
from tfgan_faces.evaluation.sliced_wasserstein import sliced_wasserstein_distance
from tfgan_faces.evaluation.structural_similarity import ms_ssim_diversity

_MAX_PATCH_IMAGES = 2048  # for the sliced Wasserstein distance
_MAX_COMPARED = 1000  # samples that are compared with all photos
_MAX_DETECTED = 1000  # images that the face detector sees, of each kind
_BINS = 50
_SEED = 4


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One number and its origin.

    Attributes:
        name: str, what is measured.
        against: str, the photos it is measured against.
        value: float, of the generated faces.
        real: float, the number for real photos, which a perfect generator would get, or None.
        better: `"lower"`, `"higher"` or `"like real"`.
        fakes, photos: int, the numbers of images.
        features: str, the feature network, or what else is compared.
        resizing: str, how the images were resized before.
    """

    name: str
    against: str
    value: float
    real: float | None
    better: str
    fakes: int
    photos: int
    features: str
    resizing: str = "none"


class Evaluation:
    """Compares generated faces with photos of training people and of held-out people.

    Args:
        fakes, training, held_out: uint8 arrays [count, size, size, 3].
        features: `Features`.

    Attributes:
        measurements: list of `Measurement`.
        nearest: dict with keys `"features"` and `"pixels"`: `Nearest` of the first samples.

    Raises:
        ValueError: images are not uint8 arrays of this shape.
    """

    def __init__(self, fakes, training, held_out, features):
        self.images = {"training": training, "held_out": held_out, "fakes": fakes}
        for name, images in self.images.items():
            check_images(images, name)
        self.features = {name: features(images) for name, images in self.images.items()}
        self.network = {"features": features.name, "resizing": features.resizing}
        self.measurements, self.nearest = [], {}
        for people in ("held_out", "training"):
            self._measure_distances(people)
        self._measure_coverage()
        self._measure_bins()
        for people in ("held_out", "training"):
            self._measure_patches(people)
        self._measure_diversity()
        self._measure_memorisation()

    def _add(self, name, against, value, real, better, **details):
        details = {"fakes": len(self.images["fakes"]), **details}
        self.measurements.append(Measurement(name, against, value, real, better, **details))

    def _measure_distances(self, people):
        """Measures Frechet and kernel distances to the photos of `people`.

        The real photos are of training people: there are too few held-out photos.
        """
        photos, compared = self.features[people], ["fakes"]
        if people == "held_out":
            compared.append("training")
        compared = [self.features[name] for name in compared]
        details = {"photos": len(photos), **self.network}
        frechet = [frechet_distance(*moments(x), *moments(photos)) for x in compared]
        kernel = [kernel_distance(x, photos) for x in compared]
        for name, found in (("Frechet distance", frechet), ("kernel distance (KID)", kernel)):
            real = found[1] if len(found) > 1 else None
            self._add(name, people, found[0], real, "lower", **details)

    def _measure_coverage(self):
        """Measures precision and recall, with all photos and with the number of held-out photos.

        Both depend on the number of points, so there are as many fakes as photos.
        """
        fakes, training, held_out = (
            self.features[name] for name in ("fakes", "training", "held_out")
        )
        many = min(len(fakes), len(training))
        few = min(len(held_out), len(fakes), len(training))
        values = precision_recall(_subset(training, many), fakes[:many])
        fair = precision_recall(_subset(training, few), fakes[:few])
        real = precision_recall(_subset(training, few), held_out[:few])
        for index, name in enumerate(("precision", "recall")):
            for value, of_real, count in ((values, None, many), (fair, real, few)):
                self._add(
                    name,
                    *("training", value[index], of_real and of_real[index], "higher"),
                    **{"fakes": count, "photos": count, **self.network},
                )

    def _measure_bins(self):
        """Measures which kinds of faces are too rare. The real photos are held-out ones."""
        training, fakes = self.features["training"], self.features["fakes"]
        held_out = self.features["held_out"]
        centres = find_bins(training, min(_BINS, len(training)))
        shares = bin_shares(training, centres)
        few = min(len(held_out), len(fakes))
        for count, photos in ((len(fakes), None), (few, held_out[:few])):
            value, real = (
                None
                if x is None
                else share_of_scarce_bins(
                    bin_shares(x[:count], centres), count, shares, len(training)
                )
                for x in (fakes, photos)
            )
            self._add(
                f"share of {len(centres)} kinds of faces that are too rare",
                *("training", value, real, "lower"),
                **{"fakes": count, "photos": len(training), **self.network},
            )

    def _measure_patches(self, people):
        others = "training" if people == "held_out" else "held_out"
        count = min(_MAX_PATCH_IMAGES, *(len(images) for images in self.images.values()))
        photos, fakes, others = (
            _subset(self.images[name], count) for name in (people, "fakes", others)
        )
        values = sliced_wasserstein_distance(fakes, photos)
        real = sliced_wasserstein_distance(others, photos)
        for size, value in values.items():
            self._add(
                f"sliced Wasserstein distance x1000, level {size}",
                *(people, value, real[size], "lower"),
                **{"fakes": count, "photos": count, "features": "7x7 patches"},
            )

    def _measure_diversity(self):
        value, real = (ms_ssim_diversity(self.images[name]) for name in ("fakes", "training"))
        details = {"photos": len(self.images["training"]), "features": "MS-SSIM of 2000 pairs"}
        self._add("likeness of random pairs", "training", value, real, "like real", **details)

    def _measure_memorisation(self):
        samples = self.images["fakes"][:_MAX_COMPARED]
        photos = (self.images["training"], self.images["held_out"])
        by_pixels = find_nearest(
            pixel_features(samples),
            # Training uses mirrored photos, too. Their pixels differ, their features barely.
            *([pixel_features(x), pixel_features(x[:, :, ::-1])] for x in photos),
        )
        by_features = find_nearest(
            self.features["fakes"][:_MAX_COMPARED],
            [self.features["training"]],
            [self.features["held_out"]],
        )
        pixels = {"features": "pixels", "resizing": "means of squares to 32x32"}
        for found, details in ((by_features, self.network), (by_pixels, pixels)):
            kind = "pixels" if found is by_pixels else "features"
            self.nearest[kind] = found
            details = {"fakes": len(samples), "photos": len(photos[0]), **details}
            closer = f"share closer to a training photo than 99 % of held-out photos ({kind})"
            expected = found.expected_closer
            self._add(closer, "training", found.share_closer, expected, "lower", **details)
            self._add(
                f"share whose nearest photo is a training one ({kind})",
                *("training", found.share_training, found.expected_training, "like real"),
                **details,
            )

    def measure_detection(self, detector):
        """Measures in how many faces a detector finds a face, and how sure it is.

        The real photos are held-out ones.

        Args:
            detector: `FaceDetector`, see `build_detector`.
        """
        fakes, held_out = (
            face_scores(detector, _subset(self.images[people], _MAX_DETECTED))
            for people in ("fakes", "held_out")
        )
        for what, measure in SUMMARIES.items():
            details = {"fakes": len(fakes), "photos": len(held_out), "features": detector.name}
            values = float(measure(fakes)), float(measure(held_out))
            self._add(what, "held_out", *values, "higher", resizing=RESIZING, **details)

    def measure_labels(self, asked, training, held_out):
        """Measures how many faces have the label that they were asked for.

        A network that learns the labels of the training photos decides. The value for real photos
        is the share of held-out photos whose label it finds.

        Args:
            asked: int array [count], the index of each face's label.
            training, held_out: int arrays, those of the photos.
        """
        count = 1 + int(max(training))
        classify = ImageClassifier(self.images["training"], {"label": training}, {"label": count})
        found, of_photos = (classify(self.images[name])["label"] for name in ("fakes", "held_out"))
        values = np.mean(found == asked), np.mean(of_photos == held_out)
        self._add(
            "share of faces with the label they were asked for",
            *("training", *map(float, values), "higher"),
            **{"photos": len(training), "features": "a network trained on the labels"},
        )

    def measure_attributes(self, drawn):
        """Returns which attributes of the drawn faces the fakes have, and how often.

        Args:
            drawn: dict with keys `"training"` and `"held_out"`: dicts of attribute to array
                [count].

        Returns:
            Dict with the classifier's `"accuracy"` on held-out faces, their number
            `"held_out_faces"`, and the shares of each value among `"training"` faces (as drawn),
            `"held_out"` faces and `"fakes"` (both as classified, with the classifier's errors).
        """
        classify = attributes.attribute_classifier(self.images["training"], drawn["training"])
        indices = classify(self.images["held_out"])
        true = {
            name: np.asarray(index(drawn["training"]))
            for name, (_, index) in attributes.ATTRIBUTES.items()
        }
        return {
            "accuracy": attributes.accuracy(indices, drawn["held_out"]),
            "held_out_faces": len(self.images["held_out"]),
            "training": attributes.shares(true),
            "held_out": attributes.shares(indices),
            "fakes": attributes.shares(classify(self.images["fakes"])),
        }


def _subset(values, count):
    """Returns at most `count` of the values, a random subset that is always the same."""
    if count >= len(values):
        return values
    return values[np.sort(np.random.default_rng(_SEED).permutation(len(values))[:count])]
