import numpy as np
from PIL import Image

from tfgan_faces.commands import run_actions
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.visuals.image_grid import write_png


def test_the_animation_has_evenly_spaced_samples_in_order(tmp_path, monkeypatch):
    """A long run has more of them than fit into memory, and numbers of more than six digits."""
    monkeypatch.setattr(run_actions, "_FRAMES", 3)
    run = RunDirectory(str(tmp_path))
    for step, grey in ((0, 10), (500_000, 60), (999_999, 110), (1_000_000, 160), (2_000_000, 210)):
        write_png(run.sample(step), np.full((8, 8, 3), grey, np.uint8))
    (tmp_path / "samples" / "step_of_mine.txt").write_text("")
    run_actions.write_history(run, None)
    with Image.open(tmp_path / "training.gif") as animation:
        greys = []
        for frame in range(animation.n_frames):
            animation.seek(frame)
            greys.append(int(np.asarray(animation.convert("L"))[0, 0]))
    assert greys == [10, 110, 210]


def test_a_run_without_samples_has_no_animation(tmp_path):
    run_actions.write_history(RunDirectory(str(tmp_path)), None)
    assert not (tmp_path / "training.gif").exists()
