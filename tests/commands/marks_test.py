"""Every mode that writes pictures marks them, unless told otherwise."""

import os

import numpy as np
import pytest
from PIL import Image

from tests.programs import main
from tests.serving.marked_png_test import SEED, description
from tfgan_faces.visuals.synthetic_mark import COMPOSITE, SOURCE_TYPE


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run that was trained for two steps, without the fixtures that leave marks out."""
    folder = tmp_path_factory.mktemp("marks")
    rng = np.random.default_rng(0)
    for number in range(9):
        path = folder / "photos" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (32, 32, 3), np.uint8)).save(path)
    flags = ["--dataset=folder", f"--data_dir={folder / 'photos'}", f"--cache_dir={folder}"]
    flags += ["--batch_size=4", "--width=0.25", "--latent_dim=8", "--max_steps=2", "--noexport"]
    assert main(*flags, f"--run_dir={folder / 'run'}") == 0
    return folder / "run"


def test_a_training_marks_its_samples_and_animations(run):
    assert SOURCE_TYPE in description((run / "samples" / "step_000000.png").read_bytes()).values()
    for name in ("training.gif", "walk.gif"):
        assert SOURCE_TYPE.encode() in (run / name).read_bytes()


@pytest.mark.parametrize(
    ("mode", "flags", "name", "source"),
    [
        ("sample", ["--count=2"], "faces/grid.png", SOURCE_TYPE),
        ("interpolate", ["--seeds=1,2"], "interpolation.png", SOURCE_TYPE),
        ("truncation", ["--seeds=1"], "truncation.png", SOURCE_TYPE),
        ("project", [], "projection.png", COMPOSITE),
    ],
)
def test_a_mode_marks_its_pictures(mode, flags, name, source, run):
    if mode == "project":
        flags = [f"--image={run.parent / 'photos' / '0.png'}"]
    assert main(f"--mode={mode}", f"--run_dir={run}", *flags) == 0
    assert source in description((run / name).read_bytes()).values()


def test_single_faces_have_their_seeds(run):
    assert main("--mode=sample", f"--run_dir={run}", "--count=2", "--seed=7") == 0
    assert int(description((run / "faces" / "000001.png").read_bytes())[SEED]) == 8


def test_marks_can_be_left_out(run, tmp_path):
    flags = [f"--run_dir={run}", "--nomark"]
    assert main("--mode=sample", "--count=1", f"--output={tmp_path}", *flags) == 0
    assert main("--mode=walk", f"--output={tmp_path / 'walk.gif'}", *flags) == 0
    for name in ("000000.png", "grid.png"):
        assert "xmp" not in Image.open(os.path.join(tmp_path, name)).info
    assert b"XMP" not in (tmp_path / "walk.gif").read_bytes()
