"""Training steps a second against PyTorch and plain Keras layers, and against the machine.

    python -m benchmarks.training

One step is one discriminator update on 64 photos and 64 fakes and one generator update on 64
fakes, without augmentation; RMSProp, dropout and batch norm are the same on all sides. Ours
also keeps the averaged generator and the curves' numbers. The peak memory is that of the
side's whole process, with what its libraries take.
"""

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

OWN = "benchmarks.tensorflow_training:own_step"
PLAIN = "benchmarks.tensorflow_training:plain_step"
TORCH = "benchmarks.torch_blog:training_step"


def main():
    options = arguments(__doc__, rounds=3, batch=64)
    settings = {"batch_size": options.batch, "threads": thread_count()}
    precisions = ["float32"] + ["mixed_bfloat16"] * has_bfloat16()
    torch_modes = ["eager", "channels_last", "compile"] + ["bfloat16"] * has_bfloat16()
    sides = [
        *(Side(f"torch {mode}", TORCH, {"mode": mode, **settings}) for mode in torch_modes),
        *(_own("blog", precision, settings) for precision in precisions),
        *(_own("exercise", precision, settings) for precision in precisions),
        *(
            Side(f"plain Keras exercise {p}", PLAIN, {"precision": p, **settings})
            for p in precisions
        ),
        *_limits(precisions, settings["threads"]),
    ]
    results = run_sides(sides, options.rounds)
    networks = [side.name for side in sides if not side.name.startswith("limit")]
    rows = [
        [name, f"{rate(results, name, options.batch):.2f}", f"{results[name]['peak_memory']:.0f}"]
        for name in networks
    ]
    figures = _ratios(results, precisions)
    figures |= _shares(results, precisions, options.batch)
    report(
        f"Training at 64x64, batch {options.batch}",
        ["network", "images/s", "peak memory, MiB"],
        rows,
        figures,
    )


def _own(architecture, precision, settings):
    details = {"architecture": architecture, "precision": precision, **settings}
    return Side(f"ours {architecture} {precision}", OWN, details)


def _limits(precisions, threads):
    for precision in precisions:
        details = {"precision": precision, "threads": threads}
        for kind in ("convolution", "matrix_product"):
            yield Side(f"limit {kind} {precision}", f"benchmarks.limit:{kind}", details)


def _ratios(results, precisions):
    whole = fastest(results, ["torch eager", "torch channels_last", "torch compile"])
    pairs = {"blog against the fastest PyTorch, float32": (whole, "ours blog float32")}
    if len(precisions) > 1:
        pairs["blog against PyTorch autocast, bfloat16"] = (
            "torch bfloat16",
            "ours blog mixed_bfloat16",
        )
    for precision in precisions:
        pairs[f"exercise against plain Keras layers, {precision}"] = (
            f"plain Keras exercise {precision}",
            f"ours exercise {precision}",
        )
    figures = {name: round(ratio(results, *pair), 2) for name, pair in pairs.items()}
    memory = [results[name]["peak_memory"] for name in ("ours blog float32", "torch channels_last")]
    return {**figures, "peak memory against PyTorch channels_last": round(memory[0] / memory[1], 2)}


def _shares(results, precisions, batch):
    """Returns the best rates in Gflop/s, and the steps' shares of them."""
    from benchmarks import limit  # imports TensorFlow, which the sides of PyTorch must not

    figures = {}
    for precision in precisions:
        best = max(
            rate(results, f"limit convolution {precision}", limit.CONVOLUTION_OPERATIONS),
            rate(results, f"limit matrix_product {precision}", limit.MATRIX_OPERATIONS),
        )
        figures[f"limit {precision}, Gflop/s"] = round(best / 1e9)
        for name in ("blog", "exercise"):
            done = rate(results, f"ours {name} {precision}", limit.step_operations(name, batch))
            figures[f"share of the limit, {name} {precision}"] = round(done / best, 2)
    return figures


if __name__ == "__main__":
    main()
