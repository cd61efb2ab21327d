"""Compares the formats of an exported generator: size, latency, and equality of the faces.

    python -m benchmarks.formats [--name=lfw-64]

The faces of 1,000 seeds are compared with those of the generator in memory.
"""

import os
import tempfile

import numpy as np

from benchmarks.measuring import Side, parser, rate, ratio, report, run_sides, thread_count

BATCHES = (1, 64)
SEEDS = 1000
SAVED_MODEL = "SavedModel"


def main():
    flags = parser(__doc__, rounds=5)
    flags.add_argument("--name", default="lfw-64", help="included networks")
    options = flags.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files, differences = _export(options.name, folder)
        results = {
            batch: run_sides([_side(*item, batch) for item in files.items()], options.rounds)
            for batch in BATCHES
        }
        rows = [
            [name, _size(path), *_speeds(name, results), differences[name]]
            for name, path in files.items()
        ]
    header = ["file", "MB", "ms at batch 1", "images/s at batch 64", "grey levels of difference"]
    figures = {
        f"{name}, batch {batch}, against the {SAVED_MODEL}": round(
            ratio(results[batch], SAVED_MODEL, name), 2
        )
        for batch in BATCHES
        for name in files
        if name != SAVED_MODEL
    }
    report(f"Formats of {options.name}", header, rows, figures)


def _export(name, folder):
    """Returns the paths of the exported files, and how the faces differ."""
    import tensorflow as tf

    from tfgan_faces import export, faces_of_seeds, unpack_pretrained
    from tfgan_faces.serving import formats, verify_formats

    generator, _ = unpack_pretrained(name, os.path.join(folder, "run")).averaged_generator()
    faces = faces_of_seeds(generator, range(SEEDS)).astype(int)
    latents = _latents(generator)
    files = {SAVED_MODEL: export(generator, os.path.join(folder, "models"), {})}
    served = tf.saved_model.load(files[SAVED_MODEL]).signatures["serving_default"]
    differences = {SAVED_MODEL: _difference(faces, served(tf.constant(latents))["images"])}
    for weights in ("float32", "float16"):
        for format_name in ("onnx", "litert", "keras"):
            if (format_name, weights) == ("keras", "float16"):
                continue
            output = os.path.join(folder, format_name, weights)
            options = formats.Options(weights)
            (path,) = (
                os.path.join(output, file)
                for file in formats.export(format_name, generator, output, {}, options)
                if "latents" in file
            )
            title = f"{format_name}, {weights}"
            run = verify_formats.RUNTIMES[os.path.splitext(path)[1]](path)
            files[title] = path
            differences[title] = _difference(faces, run({"latents": latents}))
    return files, differences


def _latents(generator):
    import tensorflow as tf

    from tfgan_faces.latents import latents_from_seeds

    seeds = tf.range(SEEDS, dtype=tf.int64)
    return latents_from_seeds(seeds, generator.input_shape[-1]).numpy()


def _difference(faces, images):
    difference = np.abs(np.asarray(images).astype(int) - faces)
    return f"at most {difference.max()}, in {100 * np.mean(difference > 0):.1f} % of the values"


def _side(name, path, batch):
    arguments = {"path": path, "batch_size": batch, "threads": thread_count()}
    kind = "saved_model" if name == SAVED_MODEL else os.path.splitext(path)[1][1:]
    return Side(name, f"benchmarks.format_sides:{kind}", arguments)


def _size(path):
    from tfgan_faces.serving.saved_model import folder_size

    size = folder_size(path) if os.path.isdir(path) else os.path.getsize(path)
    return f"{size / 1e6:.1f}"


def _speeds(name, results):
    return f"{1000 / rate(results[1], name, 1):.2f}", f"{rate(results[64], name, 64):.0f}"


if __name__ == "__main__":
    main()
