"""A training in two processes on loopback: killed, stopped, and gone on with alone."""

import contextlib
import functools
import signal

import pytest

from tests.runs import command, program, run_whole
from tests.training.cluster_test import clusters
from tfgan_faces.metrics_csv import MetricsCsv
from tfgan_faces.run_directory import RunDirectory

LOST = "has lost another one"


@contextlib.contextmanager
def workers(*lines):
    """The workers of a training, the chief first, each with flags of its own."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                program(*line, "--strategy=multiworker", environment={"TF_CONFIG": config})
            )
            for line, config in zip(lines, clusters(len(lines)))
        ]


@pytest.mark.slow
def test_a_run_is_begun_alone_shared_by_two_and_ended_alone(photo_folder, tmp_path):
    run = tmp_path / "run"
    directory = RunDirectory(str(run))
    flags = ["--checkpoint_every=2", "--log_every=1", "--sample_every=1000"]
    train = functools.partial(command, "train", photo_folder, tmp_path / "cache", run, *flags)
    run_whole(train("--max_steps=1"))
    line = train("--max_steps=10000")

    with workers(line, line) as (chief, other):
        chief.until(lambda: directory.steps()[-1] > 1)
        other.kill()
        assert chief.wait(300) == 1
        assert f"worker 0 of 2 {LOST}" in chief.told
        assert "Traceback" not in chief.told

    before = directory.steps()[-1]
    with workers(line, line) as both:
        both[0].until(lambda: directory.steps()[-1] > before)
        both[1].send_signal(signal.SIGTERM)
        for worker in both:
            assert worker.wait(300) == 128 + signal.SIGTERM
            step = directory.steps()[-1]
            assert f"stopped at step {step}, with a checkpoint" in worker.told
    assert step > before

    run_whole(train(f"--max_steps={step + 2}"))
    assert directory.steps()[-1] == step + 2
    assert [row["step"] for row in MetricsCsv(run / "metrics.csv").rows] == [*range(1, step + 3)]


@pytest.mark.long
def test_workers_with_different_flags_are_told_so(photo_folder, tmp_path):
    line = command("train", photo_folder, tmp_path / "cache", tmp_path / "run", "--max_steps=1")
    with workers([*line, "--seed=1"], [*line, "--seed=2"]) as both:
        for worker in both:
            assert worker.wait(300) == 1
            assert "the workers have different settings" in worker.told
