"""Runs with labels: the names of the folders of photos."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.programs import main
from tfgan_faces.generation.sampling import sample
from tfgan_faces.runs.run_directory import RunDirectory

pytestmark = pytest.mark.usefixtures("plain_training", "verified_here")


def labels_of_export(folder):
    return json.loads((folder / "assets" / "model_card.json").read_text())["labels"]


def refused(capsys, *flags):
    """Returns the message of a call that fails."""
    capsys.readouterr()
    assert main(*flags) == 1
    message = capsys.readouterr().err
    assert "Traceback" not in message
    return message


def test_a_run_learns_and_samples_and_exports_labels(folder_flags, tmp_path, capsys):
    run, models = str(tmp_path / "run"), tmp_path / "models"
    for steps in (2, 3):  # it goes on, too
        assert main(*folder_flags, "--labels=folder", f"--max_steps={steps}") == 0
    shares = RunDirectory(run).labels()
    assert list(shares) == ["Ann", "Bob", "Cy d"]
    assert labels_of_export(models / "2") == shares
    for label in ("Ann", "Cy d"):
        flags = [f"--run_dir={run}", f"--label={label}"]
        output = tmp_path / label
        assert main("--mode=sample", *flags, "--count=2", f"--output={output}") == 0
        faces = np.stack([np.asarray(Image.open(output / f"00000{seed}.png")) for seed in (0, 1)])
        np.testing.assert_array_equal(faces, sample(run, 2, label=label))
    assert np.abs(sample(run, 2, label="Ann").astype(int) - faces).max() > 0
    assert main("--mode=export", *flags, f"--export_dir={models}") == 0
    assert labels_of_export(models / "3") == {"Cy d": 1.0}
    message = refused(capsys, "--mode=sample", f"--run_dir={run}", "--label=Dan")
    assert "--label must be Ann or Bob or Cy d, a label of the run. Received: Dan" in message
    others = [flag for flag in folder_flags if "run_dir" not in flag]
    others += [f"--run_dir={tmp_path / 'second'}", f"--init_from={run}"]
    message = refused(capsys, *others)
    assert "must have the same labels. Received: Ann, Bob, Cy d there, none here" in message
    assert not (tmp_path / "second" / "config.json").exists()


@pytest.mark.parametrize(("dataset", "labels"), [("drawn", "folder"), ("folder", "glasses")])
def test_labels_that_the_data_set_does_not_have_are_refused(dataset, labels, tmp_path, capsys):
    folder = [f"--data_dir={tmp_path}"] if dataset == "folder" else []
    message = refused(capsys, f"--dataset={dataset}", f"--labels={labels}", *folder)
    assert f"--labels must be none, {'skin' if dataset == 'drawn' else 'folder'}" in message
