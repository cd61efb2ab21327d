"""A training in two processes on loopback: killed, stopped, and gone on with alone."""

import contextlib
import functools
import signal

import pytest

from tests.programs import command, program, run_whole
from tests.training.cluster_test import clusters
from tfgan_faces.runs.run_directory import RunDirectory

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


@pytest.fixture
def train(photo_folder, tmp_path):
    """A function of further flags to those of a training in `run`."""
    flags = ["--checkpoint_every=2", "--log_every=1", "--sample_every=1000"]
    return functools.partial(
        command, "train", photo_folder, tmp_path / "cache", tmp_path / "run", *flags
    )


def end_alone(train, directory):
    """Goes on without the other worker, and finds a row of every step."""
    step = directory.steps()[-1]
    run_whole(train(f"--max_steps={step + 2}"))
    assert directory.steps()[-1] == step + 2
    assert [row["step"] for row in directory.metrics().rows] == [*range(1, step + 3)]


@pytest.mark.slow
@pytest.mark.usefixtures("plain_training")
def test_a_run_is_begun_alone_shared_with_one_that_is_lost_and_ended_alone(train, tmp_path):
    directory, line = RunDirectory(str(tmp_path / "run")), train("--max_steps=10000")
    run_whole(train("--max_steps=1"))
    with workers(line, line) as (chief, other):
        chief.until(lambda: directory.steps()[-1] > 1)
        other.kill()
        assert chief.wait(300) == 1
        assert f"worker 0 of 2 {LOST}" in chief.told
        assert "Traceback" not in chief.told
    end_alone(train, directory)


@pytest.mark.long
def test_workers_of_which_one_is_stopped_stop_together(train, tmp_path):
    directory, line = RunDirectory(str(tmp_path / "run")), train("--max_steps=10000")
    with workers(line, line) as both:
        both[0].until(lambda: directory.steps()[-1:] > [1])
        before = directory.steps()[-1]
        both[1].send_signal(signal.SIGTERM)
        for worker in both:
            assert worker.wait(300) == 128 + signal.SIGTERM
            step = directory.steps()[-1]
            assert f"stopped at step {step}, with a checkpoint" in worker.told
    assert step >= before
    end_alone(train, directory)


@pytest.mark.long
def test_workers_with_different_flags_are_told_so(photo_folder, tmp_path):
    line = command("train", photo_folder, tmp_path / "cache", tmp_path / "run", "--max_steps=1")
    with workers([*line, "--seed=1"], [*line, "--seed=2"]) as both:
        for worker in both:
            assert worker.wait(300) == 1
            assert "the workers have different settings" in worker.told
