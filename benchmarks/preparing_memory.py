"""Measures how memory grows with the number of prepared photos, with and without Beam.

    python -m benchmarks.preparing_memory

Each folder of JPEG files is prepared at 32x32 in a separate process. All files contain the same
image of noise, because the content makes no difference.
"""

import io
import multiprocessing
import os
import resource
import tempfile
import time

import numpy as np
from PIL import Image

from benchmarks.measuring import arguments, report

COUNTS = (1_000, 10_000, 100_000)
RUNNERS = {"threads": None, "Beam": "DirectRunner"}


def main():
    options = arguments(__doc__, most=COUNTS[-1])
    rows, figures = [], {}
    for count in (count for count in COUNTS if count <= options.most):
        row = [f"{count:,}"]
        with tempfile.TemporaryDirectory() as folder:
            write_photos(folder, count)
            for name, runner in RUNNERS.items():
                memory, seconds, shards = _in_own_process(prepare, folder, count, runner)
                row += [f"{memory:.0f}", f"{seconds:.0f}"]
                figures[f"{name}, {count:,} photos, peak MiB"] = round(memory)
        rows.append([*row, str(shards)])
    header = [f"{name}, {what}" for name in RUNNERS for what in ("peak MiB", "seconds")]
    report("Preparing photos at 32x32", ["photos", *header, "shards"], rows, figures)


def _in_own_process(function, *arguments):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def write_photos(folder, count):
    """Writes `count` JPEG files of 64x64 pixels, a thousand per folder."""
    content = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(pixels).save(content, "JPEG")
    for number in range(count):
        person = os.path.join(folder, f"{number // 1000:03d}")
        os.makedirs(person, exist_ok=True)
        with open(os.path.join(person, f"{number:06d}.jpg"), "wb") as file:
            file.write(content.getbuffer())


def prepare(folder, count, runner):
    """Prepares photos and returns the peak memory in MiB, the seconds and the shard count."""
    import tfgan_faces as tg

    begin = time.perf_counter()
    data = tg.Config(tg.DataConfig("folder", folder, image_size=32)).resolved().data
    with tempfile.TemporaryDirectory() as cache:
        builder = tg.prepare(data, cache, beam_runner=runner)
        assert builder.info.metadata["photos"] == count
        shards = builder.info.splits["train"].num_shards
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return memory, time.perf_counter() - begin, shards


if __name__ == "__main__":
    main()
