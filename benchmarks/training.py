"""Compares training speed with PyTorch, plain Keras layers and the limit of the machine.

    python -m benchmarks.training [--architecture=light] [--isa=avx2]

One step is a discriminator update on a batch of photos and a batch of fakes, and a generator
update on a batch of fakes, at 64x64, without augmentation and gradient penalties. RMSProp,
dropout and batch norm are the same on all sides. Ours also updates the averaged generator and the
metrics for the curves. The peak memory is measured for the whole process of a side, including its
libraries.
"""

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

OWN = "benchmarks.tensorflow_training:own_step"
PLAIN = "benchmarks.tensorflow_training:plain_step"
TORCH = "benchmarks.torch_training:training_step"
BATCHES = {"blog": 64, "exercise": 64, "light": 32}
TORCH_MODES = {
    "float32": ("eager", "channels_last", "compile"),
    "mixed_bfloat16": ("bfloat16", "compile_bfloat16"),
}


def main():
    for_architectures(_measure, BATCHES, __doc__, rounds=5)


def _measure(architecture, rounds):
    """Measures the sides of one architecture in turns and prints the results."""
    precisions = ["float32"] + ["mixed_bfloat16"] * has_bfloat16()
    batch = BATCHES[architecture]
    networks = list(_networks(architecture, precisions, batch))
    results = run_sides([*networks, *_limits(precisions)], rounds)
    rows = [
        [
            side.name,
            f"{rate(results, side.name, batch):.2f}",
            f"{results[side.name]['peak_memory']:.0f}",
        ]
        for side in networks
        if side.name in results
    ]
    figures = _ratios(results, precisions)
    figures |= _shares(results, precisions, architecture, batch)
    report(
        f"Training {architecture} at 64x64, batch {batch}",
        ["network", "images/s", "peak memory, MiB"],
        rows,
        figures,
    )


def _networks(architecture, precisions, batch):
    settings = {"batch_size": batch, "threads": thread_count()}
    for precision in precisions:
        for mode in TORCH_MODES[precision]:
            details = {"architecture": architecture, "mode": mode, **settings}
            yield Side(f"PyTorch {mode}", TORCH, details)
        details = {"architecture": architecture, "precision": precision, **settings}
        yield Side(f"ours {precision}", OWN, details)
        if architecture == "exercise":
            yield Side(f"plain Keras {precision}", PLAIN, {"precision": precision, **settings})


def _limits(precisions):
    for precision in precisions:
        details = {"precision": precision, "threads": thread_count()}
        for kind in ("convolution", "matrix_product"):
            yield Side(f"limit {kind} {precision}", f"benchmarks.limit:{kind}", details)


def _ratios(results, precisions):
    figures = {}
    for precision in precisions:
        own = f"ours {precision}"
        peer = fastest(results, [f"PyTorch {mode}" for mode in TORCH_MODES[precision]])
        figures[f"{precision} against {peer}"] = round(ratio(results, peer, own), 2)
        plain = f"plain Keras {precision}"
        if plain in results:
            figures[f"{precision} against {plain}"] = round(ratio(results, plain, own), 2)
    peers = {mode: results.get(f"PyTorch {mode}") for mode in TORCH_MODES["float32"]}
    peer = min((side["peak_memory"], mode) for mode, side in peers.items() if side)
    memory = results["ours float32"]["peak_memory"] / peer[0]
    return {**figures, f"peak memory, float32, against PyTorch {peer[1]}": round(memory, 2)}


def _shares(results, precisions, architecture, batch):
    """Returns the highest measured rates in Gflop/s and the shares that a step reaches."""
    from benchmarks import limit  # imports TensorFlow, which the PyTorch sides must not do

    figures = {}
    for precision in precisions:
        best = max(
            rate(results, f"limit convolution {precision}", limit.CONVOLUTION_OPERATIONS),
            rate(results, f"limit matrix_product {precision}", limit.MATRIX_OPERATIONS),
        )
        operations = limit.step_operations(architecture, batch)
        figures[f"limit {precision}, Gflop/s"] = round(best / 1e9)
        done = rate(results, f"ours {precision}", operations)
        figures[f"share of the limit, {precision}"] = round(done / best, 2)
    return figures


if __name__ == "__main__":
    main()
