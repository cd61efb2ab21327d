"""Compares images per second and latency of exported generators with other libraries.

    python -m benchmarks.sampling [--architecture=light] [--isa=avx2]

Ours is the SavedModel that `tfgan_faces.export` writes. Its signature maps latents to uint8
images. The plain side is `model.export()` of the same network in layer-by-layer form. PyTorch and
ONNX Runtime return float images of the same network with other weights.
"""

import os
import tempfile

from benchmarks.measuring import (
    Side,
    fastest,
    for_architectures,
    has_bfloat16,
    rate,
    ratio,
    report,
    run_sides,
    thread_count,
)

ARCHITECTURES = ("light", "exercise", "blog")
BATCHES = (64, 1)
FLOAT32_PEERS = (
    "PyTorch eager",
    "PyTorch channels_last",
    "PyTorch frozen",
    "PyTorch compile",
    "ONNX Runtime",
)


def main():
    for_architectures(_measure, ARCHITECTURES, __doc__, rounds=5)


def _measure(architecture, rounds):
    """Measures the sides of one architecture in turns and prints the results."""
    with tempfile.TemporaryDirectory() as folder:
        results = {
            batch: run_sides(list(_sides(architecture, batch, folder)), rounds) for batch in BATCHES
        }
    rows = [
        [name, f"{rate(results[64], name, 64):.1f}", f"{1000 / rate(results[1], name, 1):.1f}"]
        for name in results[64]
    ]
    report(
        f"Sampling, {architecture} at 64x64",
        ["generator", "images/s at batch 64", "ms at batch 1"],
        rows,
        _ratios(results),
    )


def _sides(architecture, batch, folder):
    settings = {"architecture": architecture, "batch_size": batch, "threads": thread_count()}
    module = "benchmarks.tensorflow_sampling"
    torch = "benchmarks.torch_sampling"
    for precision in ["float32"] + ["mixed_bfloat16"] * has_bfloat16():
        details = {"precision": precision, "folder": os.path.join(folder, precision), **settings}
        yield Side(f"ours {precision}", f"{module}:exported", details)
    details = {"folder": os.path.join(folder, "plain"), **settings}
    yield Side("model.export()", f"{module}:plain", details)
    for mode in ["eager", "channels_last", "frozen", "compile"] + ["bfloat16"] * has_bfloat16():
        yield Side(f"PyTorch {mode}", f"{torch}:sampler", {"mode": mode, **settings})
    details = {"path": os.path.join(folder, "generator.onnx"), **settings}
    yield Side("ONNX Runtime", f"{torch}:onnx_sampler", details)


def _ratios(results):
    figures = {}
    for batch, batch_results in results.items():
        peer = fastest(batch_results, FLOAT32_PEERS)
        figures[f"batch {batch}, float32, against {peer}"] = ratio(
            batch_results, peer, "ours float32"
        )
        figures[f"batch {batch}, float32, against model.export()"] = ratio(
            batch_results, "model.export()", "ours float32"
        )
        if "PyTorch bfloat16" in batch_results:
            figures[f"batch {batch}, bfloat16, against PyTorch autocast"] = ratio(
                batch_results, "PyTorch bfloat16", "ours mixed_bfloat16"
            )
    return {name: round(value, 2) for name, value in figures.items()}


if __name__ == "__main__":
    main()
