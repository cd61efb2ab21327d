"""A training in two processes on this machine is killed or stopped, and resumed by one of them."""

import contextlib
import functools
import signal

import pytest

from tests.programs import command, program, run_whole
from tests.training.cluster_test import clusters
from tfgan_faces.runs.run_directory import RunDirectory

LOST = "lost contact with another worker"


@contextlib.contextmanager
def workers(*commands):
    """Yields the worker processes of a training, the chief first, each with its own flags."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                program(*flags, "--strategy=multiworker", environment={"TF_CONFIG": config})
            )
            for flags, config in zip(commands, clusters(len(commands)))
        ]


@pytest.fixture
def train(photo_folder, tmp_path):
    """Returns a function that appends flags to those of a training in `run`."""
    flags = ["--checkpoint_every=2", "--log_every=1", "--sample_every=1000"]
    return functools.partial(
        command, "train", photo_folder, tmp_path / "cache", tmp_path / "run", *flags
    )


def resume_alone(train, directory):
    """Resumes without the other worker, and asserts that there is a row for every step."""
    step = directory.steps()[-1]
    run_whole(train(f"--max_steps={step + 2}"))
    assert directory.steps()[-1] == step + 2
    assert [row["step"] for row in directory.metrics().rows] == [*range(1, step + 3)]


@pytest.mark.slow
@pytest.mark.usefixtures("plain_training")
def test_a_run_survives_the_loss_of_a_worker(train, tmp_path):
    directory, flags = RunDirectory(str(tmp_path / "run")), train("--max_steps=10000")
    run_whole(train("--max_steps=1"))
    with workers(flags, flags) as (chief, other):
        chief.until(lambda: directory.steps()[-1] > 1)
        other.kill()
        assert chief.wait(300) == 1
        assert f"worker 0 of 2 {LOST}" in chief.output
        assert "Traceback" not in chief.output
    resume_alone(train, directory)


@pytest.mark.long
def test_stopping_one_worker_stops_all(train, tmp_path):
    directory, flags = RunDirectory(str(tmp_path / "run")), train("--max_steps=10000")
    with workers(flags, flags) as both:
        both[0].until(lambda: directory.steps()[-1:] > [1])
        before = directory.steps()[-1]
        both[1].send_signal(signal.SIGTERM)
        for worker in both:
            assert worker.wait(300) == 128 + signal.SIGTERM
            step = directory.steps()[-1]
            assert f"stopped at step {step} and saved a checkpoint" in worker.output
    assert step >= before
    resume_alone(train, directory)


@pytest.mark.long
def test_workers_with_different_flags_report_an_error(photo_folder, tmp_path):
    flags = command("train", photo_folder, tmp_path / "cache", tmp_path / "run", "--max_steps=1")
    with workers([*flags, "--seed=1"], [*flags, "--seed=2"]) as both:
        for worker in both:
            assert worker.wait(300) == 1
            assert "the workers have different settings" in worker.output
