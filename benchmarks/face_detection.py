"""Measures the share of generated images in which an independent detector finds a face.

    python -m benchmarks.face_detection RUN [RUN ...] [--count=1000]

The detector is OpenCV's YuNet, as in `--mode=evaluate --detector`. The first row is the share for
held-out photos of the first run's data, in the form prepared for training. It is an upper bound
for what to expect. A face counts as found if its score is above 0.5, and as clear above 0.9.
"""

import argparse

from benchmarks.measuring import describe_machine
from tfgan_faces.commands.common import prepared
from tfgan_faces.data.batches.open_photos import open_photos
from tfgan_faces.evaluation.detection import SUMMARIES, build_detector, face_scores
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.runs.run_directory import RunDirectory


def main():
    """Prints a row for the photos and one for each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", help="run directories")
    parser.add_argument("--count", type=int, default=1000, help="images per row")
    options = parser.parse_args()
    print(", ".join(f"{key}: {value}" for key, value in describe_machine().items()))
    print("| images | count | face found | clear face | mean score |\n|---|---|---|---|---|")
    config = RunDirectory(options.runs[0]).config()
    _, held_out = open_photos(prepared(config), config.data.cache, config.data.held_out)
    _print_row("held-out photos", held_out[: options.count])
    for path in options.runs:
        generator, step = RunDirectory(path).averaged_generator()
        faces = faces_of_seeds(generator, range(options.count))
        _print_row(f"{path}, step {step:,}", faces)


def _print_row(name, images):
    scores = face_scores(build_detector(), images)
    found, clear, mean = (summary(scores) for summary in SUMMARIES.values())
    print(f"| {name} | {len(images)} | {found:.1%} | {clear:.1%} | {mean:.3f} |", flush=True)


if __name__ == "__main__":
    main()
