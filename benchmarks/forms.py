"""Compares the speed of equivalent forms of unpooling and deconvolution on a CPU.

    python -m benchmarks.forms [--isa=avx2]

Measures the forward and the backward pass together, for the layer shapes of the generators at
64x64. `transposed` is a strided transposed convolution. `phases` is a convolution at the small
size whose filters compute the pixels of a block. `plain` is the two Keras layers in sequence.
"""

from benchmarks.measuring import (
    Side,
    arguments,
    has_bfloat16,
    report,
    run_sides,
    thread_count,
)

# Name: batch size, image side, channels, filters, kernel side, unpooling mode.
SHAPES = {
    "exercise 1": (64, 6, 256, 128, 5, "corner"),
    "exercise 2": (64, 16, 128, 64, 5, "corner"),
    "exercise 3": (64, 36, 64, 32, 5, "corner"),
    "light 1": (32, 4, 256, 128, 3, "nearest"),
    "light 2": (32, 8, 128, 64, 3, "nearest"),
    "light 3": (32, 16, 64, 32, 3, "nearest"),
    "light RGB": (32, 32, 32, 3, 5, "nearest"),
    "blog 2": (16, 16, 256, 256, 5, "nearest"),
}
FORMS = ("transposed", "phases", "plain")


def main():
    options = arguments(__doc__, rounds=5)
    for precision in ["float32"] + ["bfloat16"] * has_bfloat16():
        rows = [_row(name, precision, options.rounds) for name in SHAPES]
        report(
            f"Unpooling and deconvolution, {precision}, ms",
            ["layer", "unpooling", *FORMS],
            rows,
            {},
        )


def _row(name, precision, rounds):
    settings = {"shape": SHAPES[name], "precision": precision, "threads": thread_count()}
    sides = [
        Side(form, "benchmarks.forms_sides:work", {"form": form, **settings}) for form in FORMS
    ]
    results = run_sides(sides, rounds, seconds=0.5)
    times = [sorted(results[form]["seconds"])[rounds // 2] for form in FORMS]
    return [name, SHAPES[name][-1], *(f"{1000 * seconds:.1f}" for seconds in times)]


if __name__ == "__main__":
    main()
