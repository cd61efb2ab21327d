"""SIGKILL at random times during preparing, training and evaluating; the same command resumes.

`tests/serving/saved_model_test.py` kills exports while a reader watches. Among the faster tests,
`tests/commands/training_test.py` kills trainings between two checkpoints.
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
    """Runs the program repeatedly, and kills it each time at a random time within `seconds`."""
    rng = np.random.default_rng()
    for _ in range(times):
        with program(*flags) as process:
            process.wait(rng.uniform(0.0, seconds))
        yield


def contents(folder):
    """Returns the bytes of all files below a folder by name, except for locks."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }


def records(path):
    """Returns the records of a file in order.

    Their bytes may differ, because the order of map entries in them is not defined.
    """
    parse = tf.train.Example.FromString
    return [parse(record.numpy()) for record in tf.data.TFRecordDataset(str(path))]


def kill_preparing(photos, tmp_path, times):
    flags = {
        name: command("prepare", photos, tmp_path / name, tmp_path / "run", "--max_steps=1")
        for name in ("whole", "killed")
    }
    seconds = seconds_of(flags["whole"])
    for _ in kill_at_random(flags["killed"], times, seconds):
        pass
    run_whole(flags["killed"])
    whole, killed = contents(tmp_path / "whole"), contents(tmp_path / "killed")
    assert killed.keys() == whole.keys()  # no partial files are left
    names = [name for name in whole if "tfrecord" in name]
    assert names
    for name in names:
        assert records(tmp_path / "killed" / name) == records(tmp_path / "whole" / name)


def kill_training(photos, tmp_path, times):
    settings = ["--max_steps=40", "--checkpoint_every=5", "--log_every=3", "--sample_every=10"]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    seconds = seconds_of(command("train", photos, tmp_path / "cache", whole, *settings))
    flags = command("train", photos, tmp_path / "cache", killed, *settings)
    for _ in kill_at_random(flags, times, seconds):
        for image in killed.rglob("[!.]*.png"):
            Image.open(image).load()
    run_whole(flags)
    assert_same_checkpoints(whole, killed, 40)
    assert_same_rows(whole, killed, [*range(3, 40, 3), 40])
    assert not [name for name in os.listdir(killed / "checkpoints") if name[0] == "."]


def kill_evaluating(photos, tmp_path, times):
    run = tmp_path / "run"
    run_whole(command("train", photos, tmp_path / "cache", run, "--max_steps=2"))
    flags = command("evaluate", photos, tmp_path / "cache", run, "--count=100")
    seconds, report = seconds_of(flags), run / "evaluation.json"
    whole = json.loads(report.read_text())
    for _ in kill_at_random(flags, times, seconds):
        assert json.loads(report.read_text()) == whole  # the complete old or new report
        assert (run / "evaluation.html").read_text().startswith("<!doctype html>")
    run_whole(flags)
    assert json.loads(report.read_text()) == whole


KILLED = [kill_preparing, kill_training, kill_evaluating]


@pytest.mark.slow
def test_a_killed_preparation_can_be_resumed(photos, tmp_path):
    kill_preparing(photos, tmp_path, FEW)


@pytest.mark.long
@pytest.mark.parametrize("kill", KILLED)
def test_a_repeatedly_killed_command_can_be_resumed(kill, photos, tmp_path):
    kill(photos, tmp_path, FEW)


@pytest.mark.soak
@pytest.mark.parametrize("kill", KILLED)
def test_a_command_killed_fifty_times_can_be_resumed(kill, photos, tmp_path):
    kill(photos, tmp_path, MANY)
