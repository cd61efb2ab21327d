"""How time and memory grow with the size of images, of batches and of the data set.

    python -m benchmarks.growth

Steps of the exercise's pair; the photos of the last table are a file of zeros as long as that
many prepared photos would be.
"""

import os
import statistics
import tempfile

from benchmarks.measuring import Side, arguments, has_bfloat16, report, run_sides, thread_count

IMAGE_SIZES = (32, 64, 128)
BATCH_SIZES = (8, 16, 32, 64, 128, 256)
COUNTS = (1_000, 10_000, 100_000, 1_000_000)
BATCHES = 200
BATCH = 64


def main():
    options = arguments(__doc__, rounds=3)
    by_size = run_sides([_step(str(size), size, BATCH) for size in IMAGE_SIZES], options.rounds)
    by_batch = run_sides([_step(str(batch), 32, batch) for batch in BATCH_SIZES], options.rounds)
    with tempfile.TemporaryDirectory() as folder:
        by_count = run_sides([_reading(count, folder) for count in COUNTS], options.rounds)
    _report(f"Image size, batch {BATCH}", "pixels", by_size, dict.fromkeys(by_size, BATCH))
    _report("Batch size at 32x32", "batch", by_batch, {name: int(name) for name in by_batch})
    images = dict.fromkeys(by_count, BATCH * BATCHES)
    _report(f"Reading batches of {BATCH} at 32x32", "photos", by_count, images)


def _step(name, image_size, batch_size):
    details = {
        "architecture": "exercise",
        "precision": "mixed_bfloat16" if has_bfloat16() else "float32",
        "image_size": image_size,
        "batch_size": batch_size,
        "threads": thread_count(),
    }
    return Side(name, "benchmarks.tensorflow_training:own_step", details)


def _reading(count, folder):
    details = {"path": os.path.join(folder, str(count)), "count": count}
    return Side(f"{count:,}", "benchmarks.growth:read", details)


def read(path, count):
    """Returns a function that takes `BATCHES` batches out of `count` photos."""
    import itertools

    import tfgan_faces as tg
    from tfgan_faces.data.photo_file import PhotoFile

    with open(path, "wb") as file:
        file.truncate(count * 32 * 32 * 3)
    endless = iter(tg.batches(PhotoFile(path, 32), BATCH, seed=0))

    def unit():
        for batch in itertools.islice(endless, BATCHES):
            batch.numpy()

    return unit


def _report(title, column, results, images):
    microseconds = {
        name: 1e6 * statistics.median(result["seconds"]) / images[name]
        for name, result in results.items()
    }
    rows = [
        [name, f"{microseconds[name]:.1f}", f"{result['peak_memory']:.0f}"]
        for name, result in results.items()
    ]
    header = [column, "microseconds an image", "peak memory, MiB"]
    report(title, header, rows, {f"{name}, us": round(us, 1) for name, us in microseconds.items()})


if __name__ == "__main__":
    main()
