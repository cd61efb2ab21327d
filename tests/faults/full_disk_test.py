"""A disk that is full, by RLIMIT_FSIZE: one clear error, the last good state, and on it goes."""

import os
import resource
import subprocess

import pytest

from tests.runs import assert_same_checkpoints, command, run_whole
from tfgan_faces.run_directory import RunDirectory
from tfgan_faces.serving.publishing import versions_in


def run_with_files_of_at_most(size, line):
    """Runs a command that can write no more than `size` bytes to a file; returns its errors."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))  # noqa: E731
    done = subprocess.run(line, preexec_fn=limit, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    told = [text for text in done.stderr.splitlines() if text.startswith("tfgan-faces: ")]
    assert len(told) == 1, done.stderr
    return told[0]


@pytest.mark.slow
def test_training_keeps_its_last_checkpoint(photos, tmp_path):
    full, whole = tmp_path / "full", tmp_path / "whole"
    line = command("train", photos, tmp_path / "cache", full, "--checkpoint_every=1")
    run_whole([*line, "--max_steps=2"])
    state = full / "checkpoints" / "step_000002" / "state.data-00000-of-00001"
    size = os.path.getsize(state)
    assert "File too large" in run_with_files_of_at_most(size // 2, [*line, "--max_steps=4"])
    directory = RunDirectory(str(full))
    assert directory.steps() == [1, 2]
    assert not [name for name in os.listdir(full / "checkpoints") if name[0] == "."]
    run_whole([*line, "--max_steps=4"])
    line = command("train", photos, tmp_path / "cache", whole, "--checkpoint_every=1")
    run_whole([*line, "--max_steps=4"])
    assert_same_checkpoints(full, whole, 4)


@pytest.mark.slow
def test_preparing_and_exporting_leave_nothing_half_written(photos, tmp_path):
    run, models = tmp_path / "run", tmp_path / "models"
    prepare = command("prepare", photos, tmp_path / "cache", run)
    assert "File too large" in run_with_files_of_at_most(5000, prepare)
    run_whole(prepare)
    run_whole(command("train", photos, tmp_path / "cache", run, "--max_steps=1"))
    export = [*command("export", photos, tmp_path / "cache", run), f"--export_dir={models}"]
    assert "--export_dir: cannot write to" in run_with_files_of_at_most(50_000, export)
    assert sorted(os.listdir(models)) == [".lock"]
    run_whole(export)
    assert versions_in(models) == ["1"]
