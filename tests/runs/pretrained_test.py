import contextlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tests.programs import main
from tfgan_faces import cli
from tfgan_faces.config import Config, DataConfig, ModelConfig, TrainingConfig
from tfgan_faces.config import pretrained as facts
from tfgan_faces.config.pretrained import PRETRAINED, pretrained_folder
from tfgan_faces.errors import UserError
from tfgan_faces.evaluation.detection import build_detector, face_scores
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.runs import origin, pretrained
from tfgan_faces.runs.pretrained import pack_pretrained, unpack_pretrained
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.runs.run_settings import read_settings

VALUES = {
    "generator": [[0.1, 70000.0], [1.0]],
    "discriminator": [[-2.5]],
    "averaged_generator": [[3.0, 1e-3], [0.25]],
}


def variables(values=VALUES):
    return {
        name: [tf.Variable(row, dtype=tf.float32) for row in rows] for name, rows in values.items()
    }


@pytest.fixture
def run(tmp_path):
    """A run whose networks are a few numbers."""
    directory = RunDirectory(str(tmp_path / "run"))
    config = Config(
        DataConfig("folder", data_dir="private/album", image_size=16, cache="memory"),
        ModelConfig("modern", latent_dim=8),
        TrainingConfig(precision="mixed_bfloat16", init_from="private/run", freeze_d=3),
    )
    directory.begin(config.resolved(), "digest")
    seeds = [tf.Variable([4_000_000_000], dtype=tf.uint32)]
    state = {**variables(), "generator_optimizer": [tf.Variable(9.0)]}
    state["discriminator"] = [*state["discriminator"], *seeds]
    directory.save(12, state)
    return directory


@pytest.fixture
def packed(run, tmp_path, monkeypatch):
    """Makes the package include the networks of `run` as `tiny-16`."""
    monkeypatch.setattr(facts, "_FOLDER", tmp_path / "included")
    for module in (facts, pretrained, origin):
        monkeypatch.setattr(module, "PRETRAINED", ("tiny-16",))
    pack_pretrained(run.path, tmp_path / "included" / "tiny-16")
    return tmp_path / "included" / "tiny-16"


def test_networks_are_the_same_up_to_float16_after_packing(packed, tmp_path):
    directory = unpack_pretrained("tiny-16", str(tmp_path / "new"))
    step, networks = directory.network_values()
    assert step == 12
    assert sorted(networks) == sorted(VALUES)
    # float16 has 11 significant bits, and no number above 65,504.
    np.testing.assert_allclose(networks["generator"][0][0], 0.1, rtol=2**-11)
    assert networks["discriminator"][0].tolist() == [-2.5]
    assert networks["discriminator"][1].tolist() == [4_000_000_000]
    assert networks["averaged_generator"][1].dtype == np.float32
    assert directory.config().model.architecture == "modern"
    assert directory.photos() == "digest"


def test_weights_beyond_the_range_of_float16_are_kept_finite(packed, tmp_path):
    _, networks = unpack_pretrained("tiny-16", str(tmp_path / "new")).network_values()
    assert networks["generator"][0][1] == 65504.0


def test_nothing_of_the_machine_is_packed(packed):
    settings = json.loads((packed / "config.json").read_text())
    assert settings["data"]["data_dir"] is None
    assert settings["data"]["cache"] == "auto"
    assert settings["training"]["precision"] == "auto"
    assert settings["run"]["run_dir"] is None
    assert settings["training"]["init_from"] is None
    assert "private" not in (packed / "config.json").read_text()


def test_networks_that_began_as_included_ones_are_packed_with_their_name(tmp_path):
    second = RunDirectory(str(tmp_path / "second"))
    second.begin(Config(training=TrainingConfig(init_from="lfw-64")).resolved(), "digest")
    second.save(5, variables())
    pack_pretrained(second.path, tmp_path / "packed")
    assert read_settings(str(tmp_path / "packed")).config.training.init_from == "lfw-64"
    pack_pretrained(second.path, tmp_path / "lfw-64")  # which they are to replace
    assert read_settings(str(tmp_path / "lfw-64")).config.training.init_from is None


def test_unpacking_again_mends_the_checkpoint_and_keeps_all_other_files(packed, tmp_path):
    (tmp_path / "new" / ".git").mkdir(parents=True)
    (tmp_path / "new" / ".git" / "HEAD").write_text("precious")
    directory = unpack_pretrained("tiny-16", str(tmp_path / "new"))
    (tmp_path / "new" / "evaluation.json").write_text("{}")
    checkpoint = tmp_path / "new" / "checkpoints" / "step_000012"
    before = {path: path.read_bytes() for path in checkpoint.iterdir()}
    (checkpoint / "state.index").write_bytes(b"damaged")
    unpack_pretrained("tiny-16", directory.path)
    assert {path: path.read_bytes() for path in checkpoint.iterdir()} == before
    assert (tmp_path / "new" / ".git" / "HEAD").read_text() == "precious"
    assert (tmp_path / "new" / "evaluation.json").exists()


def test_a_folder_that_contains_them_is_only_read(packed, tmp_path, monkeypatch):
    unpack_pretrained("tiny-16", str(tmp_path / "new"))

    def write(*_):
        raise PermissionError

    monkeypatch.setattr(pretrained, "write_atomic", write)
    monkeypatch.setattr(pretrained, "locked", write)
    unpack_pretrained("tiny-16", str(tmp_path / "new"))


def test_only_one_of_two_processes_unpacks_them(packed, tmp_path, monkeypatch):
    @contextlib.contextmanager
    def wait(path):
        monkeypatch.undo()  # the other process
        monkeypatch.setattr(pretrained, "PRETRAINED", ("tiny-16",))
        monkeypatch.setattr(facts, "_FOLDER", tmp_path / "included")
        unpack_pretrained("tiny-16", str(tmp_path / "new"))
        monkeypatch.setattr(RunDirectory, "save", None)
        yield

    monkeypatch.setattr(pretrained, "locked", wait)
    assert unpack_pretrained("tiny-16", str(tmp_path / "new")).steps() == [12]


def test_other_content_is_refused(packed, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "text").write_text("precious")
    with pytest.raises(UserError, match="not empty and contains no config.json"):
        unpack_pretrained("tiny-16", str(tmp_path / "thesis"))
    assert os.listdir(tmp_path / "thesis") == ["text"]


def test_networks_of_another_version_are_neither_used_nor_replaced(packed, run, tmp_path):
    """A later version may include better networks of the same shape under the same name."""
    directory = unpack_pretrained("tiny-16", str(tmp_path / "new"))
    run.save(13, variables())
    pack_pretrained(run.path, packed)
    with pytest.raises(UserError, match="contains other networks than the tiny-16 of this version"):
        unpack_pretrained("tiny-16", directory.path)
    assert directory.steps() == [12]


def test_an_unknown_name_is_refused(tmp_path):
    with pytest.raises(UserError, match="name must be one of lfw-128, lfw-64. Received: 'lfw-46'"):
        unpack_pretrained("lfw-46", str(tmp_path))


def test_a_run_without_an_intact_checkpoint_is_not_packed(run, tmp_path):
    (Path(run.path) / "checkpoints" / "step_000012" / "checksums.json").write_text('{"sha256": {}}')
    with pytest.raises(UserError, match="no intact checkpoint"):
        pack_pretrained(run.path, tmp_path / "packed")
    assert not (tmp_path / "packed").exists()


def test_a_training_starts_from_a_name_or_a_folder(packed, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for start in ("tiny-16", run.path):
        new = {
            name: [tf.Variable(tf.zeros_like(old)) for old in network]
            for name, network in variables().items()
        }
        new["discriminator"].append(tf.Variable([0], dtype=tf.uint32))  # seeds
        with origin.source_run(start) as source:
            assert origin.read_networks(source, new, source.config()) == 12
        assert new["discriminator"][0].numpy().tolist() == [-2.5]
    assert not (tmp_path / "runs").exists()


def test_a_run_with_networks_only_cannot_be_resumed(packed, tmp_path):
    directory = unpack_pretrained("tiny-16", str(tmp_path / "new"))
    with pytest.raises(UserError, match="trained networks only.* --init_from="):
        directory.check_resumable()


def test_a_training_uses_the_settings_of_the_networks_that_it_starts_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, config = cli.parse(
        ["main.py", "--init_from=lfw-64", "--dataset=folder", "--data_dir=p", "--batch_size=8"]
    )
    included = RunDirectory(str(pretrained_folder("lfw-64"))).config()
    assert config.model == included.model
    assert (config.data.image_size, config.training.batch_size) == (64, 8)
    assert config.training.init_from == "lfw-64"  # a name, not a path
    assert not (tmp_path / "runs").exists()  # nothing is written before the training begins


@pytest.mark.parametrize(
    ("flags", "run_dir", "export_dir"),
    [
        (["--mode=sample"], "runs/lfw-64", "export/models/faces"),
        (["--mode=serve"], "runs/lfw-64", "runs/lfw-64/export"),
        (["--mode=serve", "--run_dir=here"], "here", "runs/lfw-64/export"),
        (["--mode=serve", "--run_dir=here", "--export_dir=there"], "here", "there"),
    ],
)
def test_included_networks_are_unpacked_and_served_apart(flags, run_dir, export_dir):
    _, config = cli.parse(["main.py", "--pretrained=lfw-64", *flags])
    assert (config.run.run_dir, config.run.export_dir) == (run_dir, export_dir)


def test_an_evaluation_of_included_networks_needs_photos():
    with pytest.raises(UserError, match="--pretrained needs --data_dir"):
        cli.parse(["main.py", "--mode=evaluate", "--pretrained=lfw-64"])


@pytest.mark.parametrize("mode", ["train", "prepare", "request"])
def test_modes_that_need_no_generator_do_not_take_included_networks(mode):
    with pytest.raises(UserError, match="use --init_from=lfw-64"):
        cli.parse(["main.py", f"--mode={mode}", "--pretrained=lfw-64"])


@pytest.mark.parametrize("name", PRETRAINED)
def test_included_networks_make_faces_and_have_a_card(name, tmp_path, monkeypatch):
    folder = pretrained_folder(name)
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "config.json",
        "networks.npz",
    ]
    assert sum(path.stat().st_size for path in folder.iterdir()) < 8e6
    monkeypatch.chdir(tmp_path)
    assert main("--mode=sample", f"--pretrained={name}", "--count=2") == 0
    assert (tmp_path / "runs" / name / "faces" / "000001.png").exists()
    generator, _ = RunDirectory(os.path.join("runs", name)).averaged_generator()
    faces = faces_of_seeds(generator, range(64))
    pytest.importorskip("cv2")
    assert np.mean(face_scores(build_detector(), faces) > 0.5) >= 15 / 16
