"""How time and memory grow with the size of images, of batches and of the data set.

    python -m benchmarks.growth

Steps of the exercise's pair; the photos of the last tables are files of zeros as long as that
many prepared photos would be: one file that is read in any order, or records that are streamed.
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
IN_A_SHARD = 20_000  # 64 MB, the least that TFDS makes


def main():
    options = arguments(__doc__, rounds=3)
    by_size = run_sides([_step(str(size), size, BATCH) for size in IMAGE_SIZES], options.rounds)
    by_batch = run_sides([_step(str(batch), 32, batch) for batch in BATCH_SIZES], options.rounds)
    with tempfile.TemporaryDirectory() as folder:
        by_count = run_sides([_reading("read", count, folder) for count in COUNTS], options.rounds)
        streamed = run_sides(
            [_reading("stream", count, folder) for count in COUNTS], options.rounds
        )
    _report(f"Image size, batch {BATCH}", "pixels", by_size, dict.fromkeys(by_size, BATCH))
    _report("Batch size at 32x32", "batch", by_batch, {name: int(name) for name in by_batch})
    images = dict.fromkeys(by_count, BATCH * BATCHES)
    _report(f"Reading batches of {BATCH} at 32x32", "photos", by_count, images)
    _report(f"Streaming batches of {BATCH} at 32x32", "photos", streamed, images)


def _step(name, image_size, batch_size):
    details = {
        "architecture": "exercise",
        "precision": "mixed_bfloat16" if has_bfloat16() else "float32",
        "image_size": image_size,
        "batch_size": batch_size,
        "threads": thread_count(),
    }
    return Side(name, "benchmarks.tensorflow_training:own_step", details)


def _reading(work, count, folder):
    details = {"path": os.path.join(folder, f"{work}-{count}"), "count": count}
    return Side(f"{count:,}", f"benchmarks.growth:{work}", details)


def read(path, count):
    """Returns a function that takes `BATCHES` batches out of `count` photos."""
    import tfgan_faces as tg
    from tfgan_faces.data.batches.photo_file import PhotoFile

    with open(path, "wb") as file:
        file.truncate(count * 32 * 32 * 3)
    return _taking(tg.batches(PhotoFile(path, 32), BATCH, seed=0))


def stream(path, count):
    """Returns a function that takes `BATCHES` batches out of the records of `count` photos."""
    import numpy as np

    from tfgan_faces.data.batches import streaming
    from tfgan_faces.data.batches.record_photos import RecordPhotos

    places = np.stack(np.divmod(np.arange(count), IN_A_SHARD), axis=1) * (1, 32 * 32 * 3 + 100)
    np.save(f"{path}.npy", places)
    files = [f"{path}-{shard}" for shard in range(places[-1, 0] + 1)]
    for name in files:
        with open(name, "wb") as file:
            file.truncate(IN_A_SHARD * (32 * 32 * 3 + 100))
    index = np.load(f"{path}.npy", mmap_mode="r")
    return _taking(
        streaming.batches(RecordPhotos(files, index, 32, f"{files[0]}.sha256"), BATCH, seed=0)
    )


def _taking(batches):
    endless = iter(batches)

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
