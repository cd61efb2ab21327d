import numpy as np
import pytest

from tests.programs import main
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


def test_a_sample_of_the_photos_is_evaluated_if_there_are_many():
    assert evaluating._sample_indices(5, 20).tolist() == [0, 1, 2, 3, 4]
    some = evaluating._sample_indices(1000, 20)
    assert len(set(some)) == 20
    assert list(some) == sorted(some)
    assert some[-1] > 500  # from everywhere
