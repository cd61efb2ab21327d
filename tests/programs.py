"""Helpers that run the program in this or another process, and that compare runs."""

import multiprocessing
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_faces import cli
from tfgan_faces.runs.metrics_csv import METRICS, MetricsCsv

MAIN = Path(__file__).resolve().parents[1] / "main.py"
_TIMED = {"seconds", "images_per_second", "input_wait"}
# Processes are forked from a server that has imported TensorFlow but not used it.
_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tfgan_faces.commands", "tests.programs"])


def main(*flags):
    """Runs the program in this process and returns its exit code."""
    return cli.main(["main.py", *flags])


def command(mode, photos, cache, run, *flags):
    """Returns the flags of a mode with a small run, followed by further flags."""
    return [
        *(f"--mode={mode}", "--dataset=folder", f"--data_dir={photos}"),
        *(f"--cache_dir={cache}", f"--run_dir={run}", "--width=0.25", "--latent_dim=8"),
        *("--batch_size=4", "--balance=l2", "--noexport", *flags),
    ]


def run_whole(flags):
    """Runs the program in this process and asserts that it succeeds."""
    assert main(*flags) == 0


class Forked:
    """Context manager that runs a function in a new process and kills the process at its end.

    The process is forked from one that has already imported TensorFlow, so it starts quickly.

    Args:
        function: module-level function.
        arguments: arguments of the function.
        environment: dict of environment variables to add to those of this process.
    """

    def __init__(self, function, *arguments, environment=None):
        self._output = tempfile.NamedTemporaryFile()  # noqa: SIM115
        environment = {**os.environ, **(environment or {})}
        self._process = _FORKING.Process(
            target=_call, args=(function, arguments, environment, self._output.name), daemon=True
        )
        self._process.start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.kill()
        self._process.join()
        self._output.close()

    @property
    def output(self):
        """The text that the process has written to stdout and stderr."""
        return Path(self._output.name).read_text()

    def send_signal(self, number):
        os.kill(self._process.pid, number)

    def kill(self):
        self._process.kill()

    def wait(self, seconds=None):
        """Returns the exit code, or None if the process is still running after these seconds."""
        self._process.join(seconds)
        return self._process.exitcode

    def until(self, condition):
        """Waits until `condition()` is true; fails if the process ends before."""
        while not condition():
            assert self.wait(0.02) is None, self.output


def program(*flags, environment=None):
    """Runs the program in a new process and returns its `Forked`."""
    return Forked(cli.run, list(flags), environment=environment)


def seconds_of(flags):
    """Runs the program in a new process and returns the seconds that it took."""
    begin = time.perf_counter()
    with program(*flags) as process:
        assert process.wait() == 0, process.output
    return time.perf_counter() - begin


def _call(function, arguments, environment, output):
    with open(output, "wb") as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
    os.environ.clear()
    os.environ.update(environment)
    function(*arguments)


def assert_same_checkpoints(one, other, step):
    """Asserts that two runs have equal checkpoints of a step."""
    states = [
        tf.train.load_checkpoint(str(run / "checkpoints" / f"step_{step:06d}" / "state"))
        for run in (one, other)
    ]
    names = [name for name in states[0].get_variable_to_shape_map() if "OBJECT_GRAPH" not in name]
    assert len(names) > 60
    for name in names:
        np.testing.assert_array_equal(*(state.get_tensor(name) for state in states), err_msg=name)


def assert_same_rows(one, other, steps):
    """Asserts that two runs have equal rows of these steps in metrics.csv, except for timings."""
    rows = [MetricsCsv(run / "metrics.csv").rows for run in (one, other)]
    assert [row["step"] for row in rows[0]] == steps
    for first, second in zip(*rows, strict=True):
        for column in set(METRICS) - _TIMED:
            assert first[column] == second[column], column
