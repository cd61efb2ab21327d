"""SIGKILL at random moments of preparing, training and evaluating; the same command then goes on.

Exports are killed in `tests/serving/saved_model_test.py`, with a reader that looks on. In the
shorter tier trainings are killed in `tests/commands/training_test.py`, between two checkpoints.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.programs import (
    assert_same_checkpoints,
    assert_same_rows,
    command,
    program,
    run_whole,
    seconds_of,
)

FEW, MANY = 4, 50


def kill_at_random(flags, times, seconds):
    """Runs the program again and again, each time killed at a random moment of `seconds`."""
    rng = np.random.default_rng()
    for _ in range(times):
        with program(*flags) as process:
            process.wait(rng.uniform(0.0, seconds))
        yield


def contents(folder):
    """The bytes of all files below a folder, by name, without locks."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }


def records(path):
    """A file's records in order; their bytes differ, as maps have no order of their own."""
    parse = tf.train.Example.FromString
    return [parse(record.numpy()) for record in tf.data.TFRecordDataset(str(path))]


def kill_preparing(photos, tmp_path, times):
    lines = {
        name: command("prepare", photos, tmp_path / name, tmp_path / "run", "--max_steps=1")
        for name in ("whole", "killed")
    }
    seconds = seconds_of(lines["whole"])
    for _ in kill_at_random(lines["killed"], times, seconds):
        pass
    run_whole(lines["killed"])
    whole, killed = contents(tmp_path / "whole"), contents(tmp_path / "killed")
    assert killed.keys() == whole.keys()  # nothing half-written is left
    names = [name for name in whole if "tfrecord" in name]
    assert names
    for name in names:
        assert records(tmp_path / "killed" / name) == records(tmp_path / "whole" / name)


def kill_training(photos, tmp_path, times):
    flags = ["--max_steps=40", "--checkpoint_every=5", "--log_every=3", "--sample_every=10"]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    seconds = seconds_of(command("train", photos, tmp_path / "cache", whole, *flags))
    line = command("train", photos, tmp_path / "cache", killed, *flags)
    for _ in kill_at_random(line, times, seconds):
        for picture in killed.rglob("[!.]*.png"):
            Image.open(picture).load()
    run_whole(line)
    assert_same_checkpoints(whole, killed, 40)
    assert_same_rows(whole, killed, [*range(3, 40, 3), 40])
    assert not [name for name in os.listdir(killed / "checkpoints") if name[0] == "."]


def kill_evaluating(photos, tmp_path, times):
    run = tmp_path / "run"
    run_whole(command("train", photos, tmp_path / "cache", run, "--max_steps=2"))
    line = command("evaluate", photos, tmp_path / "cache", run, "--count=100")
    seconds, report = seconds_of(line), run / "evaluation.json"
    whole = json.loads(report.read_text())
    for _ in kill_at_random(line, times, seconds):
        assert json.loads(report.read_text()) == whole  # the old one, or the new one, whole
        assert (run / "evaluation.html").read_text().startswith("<!doctype html>")
    run_whole(line)
    assert json.loads(report.read_text()) == whole


KILLED = [kill_preparing, kill_training, kill_evaluating]


@pytest.mark.slow
def test_a_killed_preparation_goes_on(photos, tmp_path):
    kill_preparing(photos, tmp_path, FEW)


@pytest.mark.long
@pytest.mark.parametrize("kill", KILLED)
def test_a_command_killed_again_and_again_goes_on(kill, photos, tmp_path):
    kill(photos, tmp_path, FEW)


@pytest.mark.soak
@pytest.mark.parametrize("kill", KILLED)
def test_a_command_killed_fifty_times_goes_on(kill, photos, tmp_path):
    kill(photos, tmp_path, MANY)
