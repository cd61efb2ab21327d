import json
import os
import subprocess
import sys
import threading
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.programs import Forked
from tfgan_faces import models
from tfgan_faces.errors import UserError
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.serving import saved_model
from tfgan_faces.serving.publishing import versions_in
from tfgan_faces.visuals.synthetic_mark import SyntheticMark


def faces(folder, count=16):
    served = tf.saved_model.load(folder)
    return served.signatures["sample"](seed=tf.range(count, dtype=tf.int64))["images"].numpy()


def test_an_export_loads_in_a_session_without_this_package(exported):
    code = f"""
import sys
import tensorflow as tf
with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    graph = tf.compat.v1.saved_model.load(session, ["serve"], {exported!r})
    signature = graph.signature_def["sample"]
    seed, images = signature.inputs["seed"].name, signature.outputs["images"].name
    images = session.run(images, {{seed: [3, 4]}})
assert "tfgan_faces" not in sys.modules
print(images.shape, images.dtype)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "(2, 32, 32, 3) uint8"


def test_an_export_contains_no_training_operations(exported):
    with open(os.path.join(exported, "saved_model.pb"), "rb") as file:
        content = file.read()
    for word in (b"dropout", b"FusedBatchNorm", b"ReadVariableOp", b"PyFunc", b"XlaMustCompile"):
        assert word not in content


@pytest.mark.usefixtures("verified_here")
def test_a_bfloat16_export_differs_by_a_few_grey_levels(generator, tmp_path):
    half = models.build_generator("exercise", 32, 8, width=0.25, precision="mixed_bfloat16")
    half.set_weights(generator.get_weights())
    images = faces(saved_model.export(half, str(tmp_path), {}))
    difference = np.abs(images.astype(int) - faces_of_seeds(generator, range(16)))
    assert 0 < difference.mean() < 2


def test_the_expected_images_are_computed_on_the_cpu(generator, monkeypatch):
    """On any current device. GPU:7 does not exist, and soft placement is off."""
    monkeypatch.setattr(saved_model, "_CHECKED_ROWS", 2)
    soft = tf.config.get_soft_device_placement()
    tf.config.set_soft_device_placement(False)
    try:
        with tf.device("GPU:7"):
            with pytest.raises(tf.errors.InvalidArgumentError):
                tf.zeros(1)
            expected = saved_model._expected(generator)
    finally:
        tf.config.set_soft_device_placement(soft)
    assert expected["sample"][1].shape == (2, 32, 32, 3)


@pytest.mark.usefixtures("verified_here")
def test_float16_weights_halve_the_file_size(generator, exported, tmp_path):
    half = saved_model.export(generator, str(tmp_path), {}, weights="float16")
    assert saved_model.folder_size(half) < 0.7 * saved_model.folder_size(exported)
    difference = np.abs(faces(half).astype(int) - faces_of_seeds(generator, range(16)))
    assert difference.max() <= 4


@pytest.mark.usefixtures("verified_here")
@pytest.mark.parametrize("name", models.ARCHITECTURES)
def test_every_architecture_can_be_exported(name, tmp_path):
    generator = models.build_generator(name, 32, 4, width=0.1)
    assert saved_model.export(generator, str(tmp_path), {}) == str(tmp_path / "1")


def test_an_export_of_the_same_weights_is_recognised(generator, exported):
    with open(os.path.join(exported, "assets", "model_card.json")) as file:
        card = json.load(file)
    assert card["step"] == 1
    assert card["warm_up"] is True
    folder = os.path.dirname(exported)
    assert saved_model.newest_export(generator, folder) == exported
    assert saved_model.newest_export(generator, folder, "float16") is None
    keras.utils.set_random_seed(4321)
    other = models.build_generator("exercise", 32, 8, width=0.25)
    assert saved_model.newest_export(other, folder) is None
    half = models.build_generator("exercise", 32, 8, width=0.25, precision="mixed_bfloat16")
    half.set_weights(generator.get_weights())
    assert saved_model.newest_export(half, folder) is None
    assert saved_model.newest_export(generator, folder, warmup="off") is None
    assert saved_model.newest_export(generator, folder, mark=SyntheticMark("a", "1")) is None
    assert saved_model.newest_export(generator, os.path.join(folder, "nowhere")) is None


@pytest.mark.usefixtures("verified_here")
def test_wrong_images_are_not_published(generator, tmp_path, monkeypatch):
    real = saved_model._expected

    def darker(generator):
        return {name: (inputs, images // 2) for name, (inputs, images) in real(generator).items()}

    monkeypatch.setattr(saved_model, "_expected", darker)
    with pytest.raises(UserError, match="was not published: images of .* differ by"):
        saved_model.export(generator, str(tmp_path), {})
    assert os.listdir(tmp_path) == [".lock"]


class Reader(threading.Thread):
    """Loads each version once, as soon as it is visible, as a server does."""

    def __init__(self, base_path):
        super().__init__()
        self.base_path, self.seen, self.stopped = base_path, {}, threading.Event()
        self.start()

    def run(self):
        while not self.stopped.wait(0.01):
            self.look()
        self.look()

    def look(self):
        for name in versions_in(str(self.base_path)):
            if name not in self.seen:
                self.seen[name] = faces(str(self.base_path / name), 1).shape


def _export(base_path):
    generator = models.build_generator("exercise", 32, 8, width=0.1)
    saved_model.export(generator, base_path, {}, keep_versions=100)


def _kill_exports(base_path, times):
    """Times one export, then kills others: the first at once, the rest at random moments."""
    rng, reader, abandoned = np.random.default_rng(), Reader(base_path), 0
    try:
        for number in range(times + 1):
            with Forked(_export, str(base_path)) as process:
                before = _half_written(base_path)
                process.until(lambda before=before: _half_written(base_path) - before)
                begin = time.perf_counter()
                if number == 0:  # runs to its end
                    assert process.wait() == 0
                    seconds = time.perf_counter() - begin
                elif number > 1:
                    process.wait(rng.uniform(0.0, seconds))
            abandoned += bool(_half_written(base_path))
    finally:
        reader.stopped.set()
        reader.join()
    versions = versions_in(str(base_path))
    assert abandoned, "no export was killed while it wrote"
    assert len(versions) >= 1
    assert reader.seen == {name: (1, 32, 32, 3) for name in versions}


def _half_written(base_path):
    return {name for name in os.listdir(base_path) if name.startswith(".writing_")}


@pytest.mark.slow
def test_a_killed_export_leaves_no_version(tmp_path):
    _kill_exports(tmp_path, 2)


@pytest.mark.long
def test_five_killed_exports_leave_no_version(tmp_path):
    _kill_exports(tmp_path, 5)


@pytest.mark.soak
def test_thirty_killed_exports_leave_no_version(tmp_path):
    _kill_exports(tmp_path, 30)
