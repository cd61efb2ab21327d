"""SIGKILL at random moments of preparing, training and evaluating; the same command then goes on.

Exports are killed in `tests/serving/saved_model_test.py`, with a reader that looks on.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.cli_test import MAIN, assert_same_checkpoints
from tfgan_faces.metrics_csv import METRICS, MetricsCsv

_TIMED = {"seconds", "images_per_second", "input_wait"}
FEW, MANY = 2, 50


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """300 small photos of 30 people."""
    folder, rng = tmp_path_factory.mktemp("photos"), np.random.default_rng(0)
    for number in range(300):
        person = folder / f"person {number // 10}"
        person.mkdir(exist_ok=True)
        pixels = rng.integers(0, 256, (36, 36, 3), np.uint8)
        Image.fromarray(pixels).save(person / f"{number}.png")
    return folder


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


def kill_at_random(line, times, seconds):
    """Runs a command again and again, each time killed at a random moment of `seconds`."""
    rng = np.random.default_rng()
    for _ in range(times):
        with subprocess.Popen(line, stderr=subprocess.DEVNULL) as process:
            try:
                process.wait(rng.uniform(0.0, seconds))
            except subprocess.TimeoutExpired:
                process.kill()
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
        name: command("train", photos, tmp_path / name, tmp_path / "run", "--max_steps=1")
        for name in ("whole", "killed")
    }
    for line in lines.values():
        line[2] = "--mode=prepare"
    seconds = run_whole(lines["whole"])
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
    seconds = run_whole(command("train", photos, tmp_path / "cache", whole, *flags))
    line = command("train", photos, tmp_path / "cache", killed, *flags)
    for _ in kill_at_random(line, times, seconds):
        for picture in killed.rglob("[!.]*.png"):
            Image.open(picture).load()
    run_whole(line)
    assert_same_checkpoints(whole, killed, 40)
    rows = [MetricsCsv(run / "metrics.csv").rows for run in (whole, killed)]
    assert len(rows[0]) == 14
    for one, other in zip(*rows, strict=True):
        assert all(one[name] == other[name] for name in set(METRICS) - _TIMED)
    assert not [name for name in os.listdir(killed / "checkpoints") if name[0] == "."]


def kill_evaluating(photos, tmp_path, times):
    run = tmp_path / "run"
    run_whole(command("train", photos, tmp_path / "cache", run, "--max_steps=2"))
    line = command("evaluate", photos, tmp_path / "cache", run, "--count=100")
    seconds, report = run_whole(line), run / "evaluation.json"
    whole = json.loads(report.read_text())
    for _ in kill_at_random(line, times, seconds):
        assert json.loads(report.read_text()) == whole  # the old one, or the new one, whole
        assert (run / "evaluation.html").read_text().startswith("<!doctype html>")
    run_whole(line)
    assert json.loads(report.read_text()) == whole


KILLED = [kill_preparing, kill_training, kill_evaluating]


@pytest.mark.slow
@pytest.mark.parametrize("kill", KILLED)
def test_a_killed_command_goes_on(kill, photos, tmp_path):
    kill(photos, tmp_path, FEW)


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("kill", KILLED)
def test_a_command_killed_fifty_times_goes_on(kill, photos, tmp_path):
    kill(photos, tmp_path, MANY)
