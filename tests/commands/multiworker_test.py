"""A training in two processes on loopback: killed, stopped, and gone on with alone."""

import functools
import os
import signal
import subprocess

import pytest

from tests.runs import command, run_whole
from tests.serving.servers import eventually
from tests.training.cluster_test import clusters
from tfgan_faces.metrics_csv import MetricsCsv
from tfgan_faces.run_directory import RunDirectory

LOST = "has lost another one"


def start(*lines):
    """Returns the workers, the chief first, each with a command of its own."""
    pipe = {"stderr": subprocess.PIPE, "text": True}
    return [
        subprocess.Popen(
            [*line, "--strategy=multiworker"], env={**os.environ, "TF_CONFIG": config}, **pipe
        )
        for line, config in zip(lines, clusters(len(lines)))
    ]


def end(workers):
    """Returns each worker's exit code and what it said."""
    told = [worker.communicate(timeout=300)[1] for worker in workers]
    return [(worker.returncode, text) for worker, text in zip(workers, told)]


@pytest.mark.slow
def test_a_run_is_begun_alone_shared_by_two_and_ended_alone(photo_folder, tmp_path):
    run = tmp_path / "run"
    directory = RunDirectory(str(run))
    flags = ["--checkpoint_every=2", "--log_every=1", "--sample_every=1000"]
    train = functools.partial(command, "train", photo_folder, tmp_path / "cache", run, *flags)
    run_whole(train("--max_steps=1"))
    line = train("--max_steps=10000")

    workers = start(line, line)
    eventually(lambda: directory.steps()[-1] > 1)
    workers[1].kill()
    (code, told), _ = end(workers)
    assert code == 1
    assert f"worker 0 of 2 {LOST}" in told
    assert "Traceback" not in told

    before = directory.steps()[-1]
    workers = start(line, line)
    eventually(lambda: directory.steps()[-1] > before)
    workers[1].send_signal(signal.SIGTERM)
    for code, told in end(workers):
        assert code == 128 + signal.SIGTERM
        step = directory.steps()[-1]
        assert f"stopped at step {step}, with a checkpoint" in told
    assert step > before

    run_whole(train(f"--max_steps={step + 2}"))
    assert directory.steps()[-1] == step + 2
    assert [row["step"] for row in MetricsCsv(run / "metrics.csv").rows] == [*range(1, step + 3)]


@pytest.mark.slow
def test_workers_with_different_flags_are_told_so(photo_folder, tmp_path):
    line = command("train", photo_folder, tmp_path / "cache", tmp_path / "run", "--max_steps=1")
    for code, told in end(start([*line, "--seed=1"], [*line, "--seed=2"])):
        assert code == 1
        assert "the workers have different settings" in told
