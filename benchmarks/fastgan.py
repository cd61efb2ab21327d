"""Trains FastGAN on LFW at 64x64 in PyTorch, and evaluates it like a run of this library.

    python -m benchmarks.fastgan LFW_ARCHIVE OUTPUT_FOLDER [--minutes=20]

Writes evaluation.json, evaluation.html and a grid of the first 64 faces, and prints the
measurements and the Frechet distance to held-out people by lfw-face-2. See `torch_fastgan` for what
differs from the paper.
"""

import argparse
import json
import subprocess
import sys
from itertools import chain
from pathlib import Path

import numpy as np

from benchmarks.measuring import describe_machine, thread_count
from tfgan_faces.cli import parse
from tfgan_faces.commands.common import prepared
from tfgan_faces.config.defaults import HELD_OUT
from tfgan_faces.data.batches.open_photos import open_photos
from tfgan_faces.evaluation.detection import build_detector
from tfgan_faces.evaluation.distances import frechet_distance, moments
from tfgan_faces.evaluation.evaluation import Evaluation
from tfgan_faces.evaluation.features import Features
from tfgan_faces.evaluation.report import write_report
from tfgan_faces.visuals.image_grid import image_grid, write_png

_SIDE = """
import json, sys
import numpy as np
from benchmarks import torch_fastgan
photos, faces, seconds, threads, seed, count, bfloat16 = json.loads(sys.argv[1])
generator, steps = torch_fastgan.train(np.load(photos), seconds, threads, seed, bfloat16)
np.save(faces, torch_fastgan.faces(generator, count))
print(steps)
"""


def main():
    """Trains and evaluates one generator."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", help="the LFW archive (lfw-deepfunneled.tgz)")
    parser.add_argument("output", help="folder for the results")
    parser.add_argument("--minutes", type=float, default=20.0, help="training time")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=10_000, help="faces to compare")
    parser.add_argument("--float32", action="store_true", help="do not use bfloat16")
    options = parser.parse_args()
    output = Path(options.output)
    output.mkdir(parents=True, exist_ok=True)
    flags = ["--recipe=light", "--dataset=lfw", f"--data_dir={options.archive}"]
    config = parse(["fastgan", *flags, f"--cache_dir={output / 'cache'}"])[1].resolved()
    training, held_out = (
        np.asarray(side) for side in open_photos(prepared(config), config.data.cache, HELD_OUT)
    )
    photos, faces = output / "photos.npy", output / "faces.npy"
    np.save(photos, training)
    seconds, threads = 60 * options.minutes, thread_count()
    arguments = [str(photos), str(faces), seconds, threads, options.seed, options.count]
    # In a process of its own, because PyTorch and TensorFlow each have threads.
    steps = subprocess.run(
        [sys.executable, "-c", _SIDE, json.dumps([*arguments, not options.float32])],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    evaluation = Evaluation(np.load(faces), training, held_out, Features())
    evaluation.measure_detection(build_detector())
    about = {"FastGAN": "PyTorch", "minutes": options.minutes, "steps": int(steps)}
    write_report(str(output), {**about, **describe_machine()}, evaluation)
    write_png(str(output / "grid.png"), image_grid(evaluation.images["fakes"][:64]))
    for measured in evaluation.measurements:
        print(f"{measured.name} ({measured.against}): {measured.value:.3f}")
    torn = Features("face-2")
    sides = (moments(torn(images)) for images in (evaluation.images["fakes"], held_out))
    print(f"Frechet distance by {torn.name} (held_out): {frechet_distance(*chain(*sides)):.3f}")


if __name__ == "__main__":
    main()
