"""Measures how time and memory grow with image size, batch size and data set size.

    python -m benchmarks.growth

The first two tables measure training steps of the exercise's networks. The last two measure
reading photos, from one file with random access and from streamed records. Their files contain
zeros and have the length that this number of prepared photos would have.
"""

import itertools
import os
import statistics
import tempfile

from benchmarks.measuring import Side, arguments, has_bfloat16, report, run_sides, thread_count

IMAGE_SIZES = (32, 64, 128)
BATCH_SIZES = (8, 16, 32, 64, 128, 256)
COUNTS = (1_000, 10_000, 100_000, 1_000_000)
BATCHES = 200
BATCH = 64
IN_A_SHARD = 20_000  # 64 MB, the minimum shard size of TFDS


def main():
    options = arguments(__doc__, rounds=3)
    by_size = run_sides(
        [_step_side(str(size), size, BATCH) for size in IMAGE_SIZES], options.rounds
    )
    by_batch = run_sides(
        [_step_side(str(batch), 32, batch) for batch in BATCH_SIZES], options.rounds
    )
    with tempfile.TemporaryDirectory() as folder:
        by_count = run_sides(
            [_reading_side("read", count, folder) for count in COUNTS], options.rounds
        )
        streamed = run_sides(
            [_reading_side("stream", count, folder) for count in COUNTS], options.rounds
        )
    _report(f"Image size, batch {BATCH}", "pixels", by_size, dict.fromkeys(by_size, BATCH))
    _report("Batch size at 32x32", "batch", by_batch, {name: int(name) for name in by_batch})
    images = dict.fromkeys(by_count, BATCH * BATCHES)
    _report(f"Reading batches of {BATCH} at 32x32", "photos", by_count, images)
    _report(f"Streaming batches of {BATCH} at 32x32", "photos", streamed, images)


def _step_side(name, image_size, batch_size):
    details = {
        "architecture": "exercise",
        "precision": "mixed_bfloat16" if has_bfloat16() else "float32",
        "image_size": image_size,
        "batch_size": batch_size,
        "threads": thread_count(),
    }
    return Side(name, "benchmarks.tensorflow_training:own_step", details)


def _reading_side(work, count, folder):
    details = {"path": os.path.join(folder, f"{work}-{count}"), "count": count}
    return Side(f"{count:,}", f"benchmarks.growth:{work}", details)


def read(path, count):
    """Returns a function that reads `BATCHES` batches from a file of `count` photos."""
    import tfgan_faces as tg
    from tfgan_faces.data.batches.photo_file import PhotoFile

    with open(path, "wb") as file:
        file.truncate(count * 32 * 32 * 3)
    return _batch_reader(tg.batches(PhotoFile(path, 32), BATCH, seed=0))


def stream(path, count):
    """Returns a function that reads `BATCHES` batches from records of `count` photos."""
    import numpy as np

    from tfgan_faces.data.batches import streaming
    from tfgan_faces.data.batches.record_photos import RecordPhotos

    offsets = np.stack(np.divmod(np.arange(count), IN_A_SHARD), axis=1) * (1, 32 * 32 * 3 + 100)
    np.save(f"{path}.npy", offsets)
    files = [f"{path}-{shard}" for shard in range(offsets[-1, 0] + 1)]
    for name in files:
        with open(name, "wb") as file:
            file.truncate(IN_A_SHARD * (32 * 32 * 3 + 100))
    index = np.load(f"{path}.npy", mmap_mode="r")
    return _batch_reader(
        streaming.batches(RecordPhotos(files, index, 32, f"{files[0]}.sha256"), BATCH, seed=0)
    )


def _batch_reader(batches):
    iterator = iter(batches)

    def unit():
        for batch in itertools.islice(iterator, BATCHES):
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
    header = [column, "microseconds per image", "peak memory, MiB"]
    report(title, header, rows, {f"{name}, us": round(us, 1) for name, us in microseconds.items()})


if __name__ == "__main__":
    main()
