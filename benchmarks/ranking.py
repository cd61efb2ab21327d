"""Checks whether the distances of the face network grow with distortion.

    python -m benchmarks.ranking LFW_ARCHIVE --cache_dir=cache

Distorts real photos of training people in known ways, measures their distances to held-out people
with both face networks, and prints tables for docs/evaluation.md.
"""

import argparse

import numpy as np
import tensorflow as tf

from benchmarks.train_face_network import blurred, torn
from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.batches.open_photos import read_photos
from tfgan_faces.data.records.preparation import prepare
from tfgan_faces.evaluation.distances import frechet_distance, kernel_distance, moments
from tfgan_faces.evaluation.features import Features

_COUNT, _SIZE = 5000, 64


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", help="the LFW archive (lfw-deepfunneled.tgz)")
    parser.add_argument("--cache_dir", default="cache", help="folder of prepared photos")
    arguments = parser.parse_args()
    data = DataConfig("lfw", data_dir=arguments.archive, image_size=_SIZE)
    builder = prepare(Config(data).resolved().data, arguments.cache_dir)
    training, held_out = (read_photos(builder, people)[:] for people in ("training", "held_out"))
    for name in ("face", "face-2"):
        tf.random.set_seed(0)
        _print_table(Features(name), training, held_out)


def _print_table(features, training, held_out):
    rng = np.random.default_rng(0)
    training = training[rng.permutation(len(training))]
    printer = _RowPrinter(features, features(held_out))
    print(f"| {features.name}, {features.resizing} | Frechet distance | KID x1000 |\n|---|---|---|")
    half = len(training) // 2
    _RowPrinter(features, features(training[half:])).row(
        "one half against the other", training[:half]
    )
    photos = training[:_COUNT]
    printer.row(f"{_COUNT} photos of training people", photos)
    for deviation in (5, 10, 20, 40):
        noise = rng.normal(scale=deviation, size=photos.shape)
        printer.row(f"noise, standard deviation {deviation} grey levels", photos + noise)
    for sigma in (0.6, 1.0, 1.6, 2.5):
        smooth = blurred(tf.constant(photos, tf.float32), sigma).numpy()
        printer.row(f"Gaussian blur, sigma {sigma} pixels", smooth)
    floats = tf.constant(photos, tf.float32)
    damaged = torn(floats, tf.roll(floats, 1, 0)).numpy()
    for share in (0.1, 0.25, 0.5, 1.0):
        count = int(share * _COUNT)
        images = np.concatenate([damaged[:count], photos[count:]])
        printer.row(f"{share:.0%} of the faces torn", images)
    for kept in (1000, 300, 100):
        printer.row(f"only {kept} different photos, repeated", photos[np.arange(_COUNT) % kept])
    order = np.argsort(np.sum((features(photos) - printer.mean) ** 2, 1))
    for share in (0.75, 0.5, 0.25):
        kept = photos[order[: int(share * _COUNT)]]
        printer.row(f"the {share:.0%} most ordinary faces", kept)
    printer.row("all faces grey", photos.mean(-1, keepdims=True).repeat(3, -1))


class _RowPrinter:
    """Prints rows with the distances of images to the target features."""

    def __init__(self, features, target):
        self.features, self.target = features, target
        self.mean = target.mean(0)

    def row(self, name, images):
        found = self.features(np.uint8(np.clip(np.rint(images), 0, 255)))
        distance = frechet_distance(*moments(found), *moments(self.target))
        print(f"| {name} | {distance:.3f} | {1000 * kernel_distance(found, self.target):.1f} |")


if __name__ == "__main__":
    main()
