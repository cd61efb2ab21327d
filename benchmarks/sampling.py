"""Images a second and latency of the exported blog generator against its peers.

    python -m benchmarks.sampling

Ours is the SavedModel that `tfgan_faces.export` writes, called by its signature: latents in,
uint8 images out. The plain side is `model.export()` of the same network in layer-by-layer form.
PyTorch and ONNX Runtime give float images of the same network with other weights.
"""

import os
import tempfile

from benchmarks.measuring import (
    Side,
    arguments,
    fastest,
    has_bfloat16,
    rate,
    ratio,
    report,
    run_sides,
    thread_count,
)

BATCHES = (64, 1)


def main():
    options = arguments(__doc__, rounds=5)
    with tempfile.TemporaryDirectory() as folder:
        results = {batch: run_sides(_sides(batch, folder), options.rounds) for batch in BATCHES}
    rows = [
        [name, f"{rate(results[64], name, 64):.1f}", f"{1000 / rate(results[1], name, 1):.1f}"]
        for name in results[64]
    ]
    report(
        "Sampling, blog at 64x64",
        ["generator", "images/s at batch 64", "ms at batch 1"],
        rows,
        _ratios(results),
    )


def _sides(batch, folder):
    settings = {"batch_size": batch, "threads": thread_count()}
    module = "benchmarks.tensorflow_sampling"
    torch = "benchmarks.torch_sampling"
    for precision in ["float32"] + ["mixed_bfloat16"] * has_bfloat16():
        details = {"precision": precision, "folder": os.path.join(folder, precision), **settings}
        yield Side(f"ours {precision}", f"{module}:exported", details)
    details = {"folder": os.path.join(folder, "plain"), **settings}
    yield Side("model.export()", f"{module}:plain", details)
    for mode in ["eager", "channels_last", "frozen", "compile"] + ["bfloat16"] * has_bfloat16():
        yield Side(f"torch {mode}", f"{torch}:sampler", {"mode": mode, **settings})
    details = {"path": os.path.join(folder, "generator.onnx"), **settings}
    yield Side("onnxruntime", f"{torch}:onnx_sampler", details)


def _ratios(results):
    whole = ["torch eager", "torch channels_last", "torch frozen", "torch compile", "onnxruntime"]
    figures = {}
    for batch, of_batch in results.items():
        peer = fastest(of_batch, whole)
        figures[f"batch {batch}, float32, against {peer}"] = ratio(of_batch, peer, "ours float32")
        figures[f"batch {batch}, float32, against model.export()"] = ratio(
            of_batch, "model.export()", "ours float32"
        )
        if "torch bfloat16" in of_batch:
            figures[f"batch {batch}, bfloat16, against PyTorch autocast"] = ratio(
                of_batch, "torch bfloat16", "ours mixed_bfloat16"
            )
    figures["latency over the faster peer's, float32"] = 1 / ratio(
        results[1], fastest(results[1], whole), "ours float32"
    )
    return {name: round(value, 2) for name, value in figures.items()}


if __name__ == "__main__":
    main()
