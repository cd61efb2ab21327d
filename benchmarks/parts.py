"""Measures how much faster a step is when its batch is computed in two parts.

    python -m benchmarks.parts [--isa=avx2] [--rounds=3]

For every combination of networks and number of parts, `--mode=plan` times a few steps in a process
of its own. The combinations take turns, and the medians of the rounds' ratios are printed.
"""

import re
import statistics
import subprocess
import sys
import tempfile

from benchmarks.measuring import arguments, has_bfloat16, report

# Name -> flags of the networks.
NETWORKS = {
    "slim": ("--recipe=light",),
    "light": ("--recipe=light", "--architecture=light"),
    "exercise": ("--recipe=exercise-gan",),
    "exercise, a WGAN": ("--recipe=exercise-wgan",),
}
PARTS = (1, 2)


def main():
    options = arguments(__doc__, rounds=3)
    times = {(name, parts): [] for name in NETWORKS for parts in PARTS}
    for _ in range(options.rounds):
        for (name, parts), seconds in times.items():
            seconds.append(_seconds_per_step(NETWORKS[name], parts))
    rows, ratios = [], {}
    for name in NETWORKS:
        whole, divided = (times[name, parts] for parts in PARTS)
        ratios[name] = statistics.median(one / two for one, two in zip(whole, divided))
        milliseconds = (f"{1000 * statistics.median(values):.0f}" for values in (whole, divided))
        rows.append([name, *milliseconds, f"{ratios[name]:.2f}"])
    header = ["networks", "ms per step, whole batch", "two parts", "times as fast"]
    report("A batch in two parts, at 64x64", header, rows, ratios)


def _seconds_per_step(flags, parts):
    program = "import sys; from tfgan_faces import cli; cli.run(sys.argv[1:])"
    precision = "mixed_bfloat16" if has_bfloat16() else "float32"
    with tempfile.TemporaryDirectory() as folder:
        places = [f"--run_dir={folder}/run", f"--cache_dir={folder}/cache"]
        settings = [f"--batch_parts={parts}", f"--precision={precision}", *places]
        done = subprocess.run(
            [sys.executable, "-c", program, "--mode=plan", *flags, *settings],
            check=True,
            capture_output=True,
            text=True,
        )
    return float(re.search(r"seconds per step, measured +([\d.]+)", done.stdout)[1])


if __name__ == "__main__":
    main()
