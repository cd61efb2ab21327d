"""Files of released versions stay readable: a run, an export and faces of version 0.6.0.

That version trained the exercise's networks, with 5 % of their channels, on twelve drawn faces for
4 steps. A copy of the run was resumed and trained to step 6:

    main.py --dataset=folder --data_dir=photos --batch_size=4 --width=0.05 --latent_dim=4
        --max_steps=4 --log_every=1 --checkpoint_every=2 --precision=float32 --warmup=off
    main.py --mode=sample --count=4
"""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.programs import main
from tfgan_faces.runs.metrics_csv import MetricsCsv
from tfgan_faces.serving.publishing import versions_in

RELEASED = Path(__file__).parent / "released" / "0.6.0"
_FLAGS = (
    *("--dataset=folder", "--batch_size=4", "--width=0.05", "--latent_dim=4"),
    *("--log_every=1", "--precision=float32", "--warmup=off"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Returns a folder with the run, resumed by this version to step 6, and its export."""
    folder = tmp_path_factory.mktemp("released")
    shutil.copytree(RELEASED, folder, dirs_exist_ok=True)
    (folder / "models").mkdir()
    (folder / "export").rename(folder / "models" / "1")
    assert main("--mode=sample", *_run(folder), "--count=4", f"--output={folder / 'now'}") == 0
    folders = [f"--{name}_dir={folder / name}" for name in ("cache", "run")]
    folders += [f"--data_dir={folder / 'photos'}", f"--export_dir={folder / 'models'}"]
    assert main(*_FLAGS, *folders, "--max_steps=6") == 0
    return folder


def _run(folder):
    return (f"--run_dir={folder / 'run'}",)


def test_faces_of_the_same_seeds_are_the_same(folder):
    for number in range(4):
        old, new = (
            np.asarray(Image.open(path / f"{number:06}.png")).astype(int)
            for path in (RELEASED / "faces", folder / "now")
        )
        assert np.abs(old - new).max() <= 1  # sums in another order are rounded differently


def test_the_resumed_run_has_the_same_weights(folder):
    state = tf.train.load_checkpoint(str(folder / "run" / "checkpoints" / "step_000006" / "state"))
    with np.load(RELEASED / "weights_of_step_6.npz") as expected:
        for name, values in expected.items():
            actual = state.get_tensor(f"{name.replace('.', '/')}/.ATTRIBUTES/VARIABLE_VALUE")
            np.testing.assert_allclose(actual, values, atol=1e-4, err_msg=name)


def test_the_history_of_the_run_is_kept(folder):
    lines = (RELEASED / "run" / "metrics.csv").read_text().splitlines()
    rows = MetricsCsv(folder / "run" / "metrics.csv").rows
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5, 6]
    for line, row in zip(lines[1:], rows):
        values = dict(zip(lines[0].split(","), line.split(",")))
        assert float(values["seconds"]) == pytest.approx(row["seconds"])
        assert float(values["discriminator_loss"]) == pytest.approx(row["discriminator_loss"])


def test_the_old_export_is_loaded_and_a_new_version_follows_it(folder):
    assert versions_in(str(folder / "models")) == ["1", "2"]
    served = tf.saved_model.load(str(folder / "models" / "1"))
    faces = served.signatures["sample"](seed=tf.constant([0, 1, 2, 3], tf.int64))["images"]
    for number, face in enumerate(faces.numpy().astype(int)):
        old = np.asarray(Image.open(RELEASED / "faces" / f"{number:06}.png"))
        assert np.abs(face - old).max() <= 1
