import itertools
import json
import re

import numpy as np
import pytest
from PIL import Image

from tests.programs import command, main
from tfgan_faces.commands import evaluating
from tfgan_faces.commands.evaluating import near_copies
from tfgan_faces.data.records.face_attributes import draw_attributes
from tfgan_faces.data.records.face_drawing import LARGE_FEATURES, draw_faces
from tfgan_faces.evaluation.memorisation import largest_share_by_chance


def test_copies_of_photos_are_told_from_new_faces():
    rng = np.random.default_rng(0)
    drawn = draw_faces([draw_attributes(rng) for _ in range(160)], 32, LARGE_FEATURES)
    photos, held_out, new = np.split(drawn, (100, 120))
    measure = near_copies(photos, held_out)
    assert measure(photos[:40]) == 1.0
    assert measure(new) <= largest_share_by_chance(20) < 0.3


@pytest.mark.usefixtures("plain_training", "shared_trainers")
def test_photos_of_others_are_refused(folder_flags, photo_folder, tmp_path, capsys):
    assert main(*folder_flags, "--noexport") == 0
    next(photo_folder.glob("Bob/*.jpg")).unlink()
    flags = [f"--run_dir={tmp_path / 'run'}", f"--cache_dir={tmp_path / 'cache'}"]
    capsys.readouterr()
    assert main("--mode=evaluate", *flags, f"--data_dir={photo_folder}") == 1
    assert "--data_dir: these are not the photos of the run in" in capsys.readouterr().err


@pytest.mark.usefixtures("plain_training", "quickly_evaluated")
def test_a_run_is_evaluated_with_its_own_share_of_held_out_photos(tmp_path, rng, capsys):
    for label, number in itertools.product(("calm", "merry"), range(30)):
        path = tmp_path / "photos" / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (16, 16, 3), np.uint8)).save(path)
    folders = tmp_path / "photos", tmp_path / "cache", tmp_path / "run"
    flags = ["--labels=folder", "--held_out=0.5", "--max_steps=1"]
    assert main(*command("train", *folders, *flags)) == 0
    log = capsys.readouterr().err
    training, held_out = map(int, re.search(r"Training on (\d+) .*; (\d+) are held", log).groups())
    assert training + held_out == 60
    assert 15 <= held_out <= 45  # a tenth would be about 6
    evaluation = ["--mode=evaluate", f"--run_dir={folders[2]}", f"--cache_dir={folders[1]}"]
    assert main(*evaluation, "--count=20") == 0
    measured = json.loads((folders[2] / "evaluation.json").read_text())["measurements"]
    counts = {row["against"]: row["photos"] for row in measured if "Frechet" in row["name"]}
    assert counts == {"training": training, "held_out": held_out}
    assert main(*command("train", *folders, "--labels=folder", "--max_steps=2")) == 0
    assert f"Training on {training} of them" in capsys.readouterr().err  # it keeps its share


def test_a_sample_of_the_photos_is_evaluated_if_there_are_many():
    assert evaluating._sample_indices(5, 20).tolist() == [0, 1, 2, 3, 4]
    some = evaluating._sample_indices(1000, 20)
    assert len(set(some)) == 20
    assert list(some) == sorted(some)
    assert some[-1] > 500  # from everywhere
