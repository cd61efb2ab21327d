"""The program as a process of its own, and runs compared."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_faces.metrics_csv import METRICS, MetricsCsv

MAIN = Path(__file__).resolve().parents[1] / "main.py"
_TIMED = {"seconds", "images_per_second", "input_wait"}


def command(mode, photos, cache, run, *flags):
    return [
        *(sys.executable, str(MAIN), f"--mode={mode}", "--dataset=folder", f"--data_dir={photos}"),
        *(f"--cache_dir={cache}", f"--run_dir={run}", "--width=0.25", "--latent_dim=8"),
        *("--batch_size=4", "--balance=l2", "--noexport", *flags),
    ]


def run_whole(line):
    """Runs a command to its end; returns the seconds that it took."""
    begin = time.perf_counter()
    subprocess.run(line, check=True, capture_output=True)
    return time.perf_counter() - begin


def assert_same_checkpoints(one, other, step):
    states = [
        tf.train.load_checkpoint(str(run / "checkpoints" / f"step_{step:06d}" / "state"))
        for run in (one, other)
    ]
    names = [name for name in states[0].get_variable_to_shape_map() if "OBJECT_GRAPH" not in name]
    assert len(names) > 60
    for name in names:
        np.testing.assert_array_equal(*(state.get_tensor(name) for state in states), err_msg=name)


def assert_same_rows(one, other, steps):
    """Compares two runs' metrics.csv, which have rows of these steps, but for what took time."""
    rows = [MetricsCsv(run / "metrics.csv").rows for run in (one, other)]
    assert [row["step"] for row in rows[0]] == steps
    for first, second in zip(*rows, strict=True):
        for column in set(METRICS) - _TIMED:
            assert first[column] == second[column], column
