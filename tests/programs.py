"""The program in this process and in one of its own, and runs compared."""

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
# Processes are forked from one that has imported TensorFlow and has not yet begun to use it.
_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tfgan_faces.commands", "tests.programs"])


def main(*flags):
    """Runs the program in this process; returns its exit code."""
    return cli.main(["main.py", *flags])


def command(mode, photos, cache, run, *flags):
    """Returns the flags of a small run."""
    return [
        *(f"--mode={mode}", "--dataset=folder", f"--data_dir={photos}"),
        *(f"--cache_dir={cache}", f"--run_dir={run}", "--width=0.25", "--latent_dim=8"),
        *("--batch_size=4", "--balance=l2", "--noexport", *flags),
    ]


def run_whole(flags):
    """Runs the program to its end in this process."""
    assert main(*flags) == 0


class Forked:
    """A function in a process of its own, which is killed at the end of the context.

    The process is forked from one that has imported TensorFlow, so it begins at once.

    Args:
        function: a function of a module's.
        arguments: its arguments.
        environment: dict of variables that the process has besides this one's.
    """

    def __init__(self, function, *arguments, environment=None):
        self._told = tempfile.NamedTemporaryFile()  # noqa: SIM115
        environment = {**os.environ, **(environment or {})}
        self._process = _FORKING.Process(
            target=_call, args=(function, arguments, environment, self._told.name), daemon=True
        )
        self._process.start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.kill()
        self._process.join()
        self._told.close()

    @property
    def told(self):
        """What it wrote to stdout and stderr."""
        return Path(self._told.name).read_text()

    def send_signal(self, number):
        os.kill(self._process.pid, number)

    def kill(self):
        self._process.kill()

    def wait(self, seconds=None):
        """Returns the exit code, or None when the process goes on after these seconds."""
        self._process.join(seconds)
        return self._process.exitcode

    def until(self, condition):
        """Returns when `condition()` is true, which it must be before the process ends."""
        while not condition():
            assert self.wait(0.02) is None, self.told


def program(*flags, environment=None):
    """Returns the program in a process of its own."""
    return Forked(cli.run, list(flags), environment=environment)


def seconds_of(flags):
    """Runs the program to its end in a process of its own; returns the seconds that it took."""
    begin = time.perf_counter()
    with program(*flags) as process:
        assert process.wait() == 0, process.told
    return time.perf_counter() - begin


def _call(function, arguments, environment, told):
    with open(told, "wb") as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
    os.environ.clear()
    os.environ.update(environment)
    function(*arguments)


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
