"""Measures the seconds from the command to the end of the first step, for every recipe.

    python -m benchmarks.startup [--isa=avx2]

The photos are drawn faces of the recipe's size and are prepared beforehand. The time starts with
the process and ends when the first row of `metrics.csv` is written.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks.measuring import arguments, report
from tfgan_faces.config.recipes import RECIPES

POLLED_EVERY = 0.05
GIVEN_UP_AFTER = 300.0


def main():
    options = arguments(__doc__, rounds=1)
    with tempfile.TemporaryDirectory() as folder:
        for recipe in RECIPES:
            subprocess.run([*_command(recipe, folder), "--mode=prepare"], check=True)
        times = {recipe: [] for recipe in RECIPES}
        for number in range(options.rounds):
            for recipe in RECIPES:
                run = os.path.join(folder, f"{recipe}-{number}")
                times[recipe].append(_seconds_to_first_step(_command(recipe, folder), run))
    medians = {recipe: statistics.median(seconds) for recipe, seconds in times.items()}
    rows = [[recipe, f"{seconds:.1f}"] for recipe, seconds in medians.items()]
    report("Start of a training", ["recipe", "seconds to the end of step 1"], rows, medians)


def _command(recipe, folder):
    program = "import sys; from tfgan_faces import cli; cli.run(sys.argv[1:])"
    flags = [f"--recipe={recipe}", f"--cache_dir={folder}/cache", "--noexport", "--log_every=1"]
    if "ONEDNN_MAX_CPU_ISA" in os.environ:
        flags.append("--precision=float32")
    return [sys.executable, "-c", program, *flags]


def _seconds_to_first_step(command, run):
    begin = time.perf_counter()
    with open(os.devnull, "w", encoding="utf-8") as devnull:
        process = subprocess.Popen(
            [*command, f"--run_dir={run}"], stdout=devnull, stderr=subprocess.STDOUT
        )
    try:
        while not _has_row(os.path.join(run, "metrics.csv")):
            seconds = time.perf_counter() - begin
            if seconds > GIVEN_UP_AFTER or process.poll() is not None:
                raise RuntimeError(f"No step finished after {seconds:.0f} s: {command}")
            time.sleep(POLLED_EVERY)
        return time.perf_counter() - begin
    finally:
        process.kill()
        process.wait()


def _has_row(path):
    try:
        with open(path, encoding="utf-8") as file:
            return len(file.readlines()) > 1
    except OSError:
        return False


if __name__ == "__main__":
    main()
