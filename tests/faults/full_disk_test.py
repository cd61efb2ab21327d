"""A full disk, simulated by RLIMIT_FSIZE: one clear error, and the run can be resumed."""

import os
import resource

import pytest

from tests.programs import assert_same_checkpoints, command, main, run_whole
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.serving.publishing import versions_in


def error_on_full_disk(size, flags, capsys):
    """Runs the program with files limited to `size` bytes; returns its error message."""
    capsys.readouterr()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        code = main(*flags)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    errors = capsys.readouterr().err
    assert code == 1, errors
    assert "Traceback" not in errors
    messages = [text for text in errors.splitlines() if text.startswith("tfgan-faces: ")]
    assert len(messages) == 1, errors
    return messages[0]


@pytest.mark.slow
@pytest.mark.usefixtures("plain_training")
def test_a_training_keeps_its_last_checkpoint(photos, tmp_path, capsys):
    full, whole = tmp_path / "full", tmp_path / "whole"
    flags = command("train", photos, tmp_path / "cache", full, "--checkpoint_every=1")
    run_whole([*flags, "--max_steps=2"])
    state = full / "checkpoints" / "step_000002" / "state.data-00000-of-00001"
    size = os.path.getsize(state)
    assert "File too large" in error_on_full_disk(size // 2, [*flags, "--max_steps=4"], capsys)
    directory = RunDirectory(str(full))
    assert directory.steps() == [1, 2]
    assert not [name for name in os.listdir(full / "checkpoints") if name[0] == "."]
    run_whole([*flags, "--max_steps=4"])
    flags = command("train", photos, tmp_path / "cache", whole, "--checkpoint_every=1")
    run_whole([*flags, "--max_steps=4"])
    assert_same_checkpoints(full, whole, 4)


@pytest.mark.slow
@pytest.mark.usefixtures("plain_training")
@pytest.mark.usefixtures("verified_here")
def test_preparing_and_exporting_leave_no_partial_files(photos, tmp_path, capsys):
    run, models = tmp_path / "run", tmp_path / "models"
    prepare = command("prepare", photos, tmp_path / "cache", run)
    assert "File too large" in error_on_full_disk(5000, prepare, capsys)
    run_whole(prepare)
    run_whole(command("train", photos, tmp_path / "cache", run, "--max_steps=1"))
    export = [*command("export", photos, tmp_path / "cache", run), f"--export_dir={models}"]
    assert "--export_dir: cannot write to" in error_on_full_disk(50_000, export, capsys)
    assert sorted(os.listdir(models)) == [".lock"]
    run_whole(export)
    assert versions_in(models) == ["1"]
