"""Trainings with streamed photos: `--cache=none`."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.programs import assert_same_checkpoints, assert_same_rows, main


@pytest.fixture
def streamed_flags(folder_flags):
    return [*folder_flags, "--cache=none", "--noexport"]


@pytest.mark.long
@pytest.mark.usefixtures("plain_training")
def test_a_resumed_run_equals_an_uninterrupted_run(streamed_flags, tmp_path):
    """Nine photos in batches of four, so the runs take several epochs."""
    resumed, whole = tmp_path / "resumed", tmp_path / "whole"
    for steps in (3, 7):
        assert main(*streamed_flags, f"--run_dir={resumed}", f"--max_steps={steps}") == 0
    assert main(*streamed_flags, f"--run_dir={whole}", "--max_steps=7") == 0
    assert_same_checkpoints(resumed, whole, 7)
    assert_same_rows(resumed, whole, [*range(1, 8)])
    assert not list((tmp_path / "cache").rglob("*.rgb"))


@pytest.mark.usefixtures("shared_trainers", "plain_training")
def test_the_cache_cannot_change_when_a_run_is_resumed(streamed_flags, tmp_path, capsys):
    assert main(*streamed_flags) == 0
    assert json.loads((tmp_path / "run" / "config.json").read_text())["data"]["cache"] == "none"
    assert main(*streamed_flags, "--cache=memory") == 1
    assert "data.cache is memory, the run's is none" in capsys.readouterr().err
    assert main(*streamed_flags, "--cache=auto") == 0  # auto is what the run uses
    assert json.loads((tmp_path / "run" / "config.json").read_text())["data"]["cache"] == "none"


@pytest.mark.long
@pytest.mark.usefixtures("verified_here", "quickly_evaluated", "shared_trainers", "plain_training")
def test_a_streamed_run_is_evaluated_and_exported(streamed_flags, tmp_path, rng):
    for number in range(300):
        path = tmp_path / "many" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (32, 32, 3), np.uint8)).save(path)
    flags = [*streamed_flags, f"--data_dir={tmp_path / 'many'}", "--evaluate_every=1"]
    assert main(*flags, "--export") == 0
    assert list((tmp_path / "models").iterdir())
    assert main(*flags, "--mode=evaluate", "--count=20") == 0
    report = json.loads(Path(tmp_path / "run" / "evaluation.json").read_text())
    assert report["step"] == 2
    assert not list((tmp_path / "cache").rglob("*.rgb"))
