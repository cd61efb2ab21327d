"""Images a second and latency of exported generators against their peers.

    python -m benchmarks.sampling [--architecture=light] [--isa=avx2]

Ours is the SavedModel that `tfgan_faces.export` writes, called by its signature: latents in,
uint8 images out. The plain side is `model.export()` of the same network in layer-by-layer form.
PyTorch and ONNX Runtime give float images of the same network with other weights.
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
    for_architectures(_race, ARCHITECTURES, __doc__, rounds=5)


def _race(architecture, rounds):
    """Measures one architecture's sides in turns, and prints what came out."""
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
    for batch, of_batch in results.items():
        peer = fastest(of_batch, FLOAT32_PEERS)
        figures[f"batch {batch}, float32, against {peer}"] = ratio(of_batch, peer, "ours float32")
        figures[f"batch {batch}, float32, against model.export()"] = ratio(
            of_batch, "model.export()", "ours float32"
        )
        if "PyTorch bfloat16" in of_batch:
            figures[f"batch {batch}, bfloat16, against PyTorch autocast"] = ratio(
                of_batch, "PyTorch bfloat16", "ours mixed_bfloat16"
            )
    return {name: round(value, 2) for name, value in figures.items()}


if __name__ == "__main__":
    main()
