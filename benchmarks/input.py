"""Compares the input pipeline with PIL, PyTorch's DataLoader and the training's demand.

    python -m benchmarks.input [--photos 2000]

The photos are drawn faces, enlarged to JPEG files of 250x250 pixels and prepared at 64x64.
Batches are compared with the rate at which a training step consumes them.
"""

import os
import tempfile

from benchmarks.measuring import (
    Side,
    arguments,
    has_bfloat16,
    rate,
    ratio,
    report,
    run_sides,
    thread_count,
)

BATCH = 64
BATCHES = 200


def main():
    options = arguments(__doc__, rounds=3, photos=2000)
    with tempfile.TemporaryDirectory() as folder:
        results = run_sides(list(_sides(folder, options.photos)), options.rounds)
    counts = {
        "ours, preparing": options.photos,
        "PIL in one thread, preparing": options.photos,
        "ours, batches": BATCH * BATCHES,
        "ours, streamed batches": BATCH * BATCHES,
        "torch DataLoader, batches": options.photos // BATCH * BATCH,
        "training on these batches": BATCH,
        "training on one batch": BATCH,
    }
    rows = [[name, f"{rate(results, name, count):.0f}"] for name, count in counts.items()]
    batches, training = (
        rate(results, name, counts[name]) for name in ("ours, batches", "training on these batches")
    )
    slowdown = ratio(results, "training on these batches", "training on one batch") - 1
    report(
        f"Input at 64x64, batch {BATCH}, {options.photos} photos",
        ["stage", "photos/s"],
        rows,
        {
            "batches against torch DataLoader": round(
                batches / rate(results, *_pair(counts, "torch DataLoader, batches")), 1
            ),
            "streamed batches against batches": round(
                ratio(results, "ours, batches", "ours, streamed batches"), 2
            ),
            "preparing against PIL in one thread": round(
                ratio(results, "PIL in one thread, preparing", "ours, preparing"), 2
            ),
            "batches for one that the training takes": round(batches / training, 1),
            "training slowed by its input": f"{slowdown:.1%}",
        },
    )


def _pair(counts, name):
    return name, counts[name]


def _sides(folder, count):
    module, threads = "benchmarks.input_sides", thread_count()
    photos = {"folder": os.path.join(folder, "photos"), "count": count}
    cache = {**photos, "cache": os.path.join(folder, "cache")}
    yield Side("ours, preparing", f"{module}:prepare", cache)
    yield Side("PIL in one thread, preparing", f"{module}:prepare_with_pil", photos)
    batching = {**cache, "number": BATCHES, "size": BATCH}
    yield Side("ours, batches", f"{module}:batches", batching)
    yield Side("ours, streamed batches", f"{module}:streamed_batches", batching)
    torch = {"folder": photos["folder"], "size": BATCH, "workers": threads}
    yield Side("torch DataLoader, batches", "benchmarks.torch_input:batches", torch)
    precision = "mixed_bfloat16" if has_bfloat16() else "float32"
    training = {"precision": precision, "threads": threads, "size": BATCH}
    yield Side("training on these batches", f"{module}:training", {**cache, **training})
    details = {"architecture": "exercise", "precision": precision, "batch_size": BATCH}
    step = "benchmarks.tensorflow_training:own_step"
    yield Side("training on one batch", step, {**details, "threads": threads})


if __name__ == "__main__":
    main()
