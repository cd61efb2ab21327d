import json
import os
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces import models
from tfgan_faces.errors import UserError
from tfgan_faces.sampling import faces_of_seeds
from tfgan_faces.serving import saved_model


@pytest.fixture(scope="module")
def generator():
    return models.build_generator("exercise", 32, 8, width=0.25)


@pytest.fixture(scope="module")
def exported(generator, tmp_path_factory):
    return saved_model.export(generator, str(tmp_path_factory.mktemp("faces")), {"step": 1})


def test_signatures_are_batched_and_typed(exported):
    served = tf.saved_model.load(exported)
    default, sample = served.signatures["serving_default"], served.signatures["sample"]
    assert default.structured_input_signature[1] == {
        "latents": tf.TensorSpec((None, 8), tf.float32, "latents")
    }
    assert sample.structured_input_signature[1] == {
        "seed": tf.TensorSpec((None,), tf.int64, "seed")
    }
    for signature in (default, sample):
        images = signature.structured_outputs["images"]
        assert images.dtype == tf.uint8
        assert images.shape.as_list() == [None, 32, 32, 3]


def test_served_faces_are_those_of_the_library(exported, generator):
    seeds = [5, 0, 2**33]
    served = tf.saved_model.load(exported)
    images = served.signatures["sample"](seed=tf.constant(seeds, tf.int64))["images"]
    expected = faces_of_seeds(generator, seeds)
    np.testing.assert_allclose(images.numpy().astype(int), expected.astype(int), atol=1)


def test_loads_in_a_session_without_this_package(exported):
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


def test_bfloat16_export_is_a_few_grey_levels_off(generator, tmp_path):
    half = models.build_generator("exercise", 32, 8, width=0.25, precision="mixed_bfloat16")
    half.set_weights(generator.get_weights())
    served = tf.saved_model.load(saved_model.export(half, str(tmp_path), {}))
    images = served.signatures["sample"](seed=tf.range(16, dtype=tf.int64))["images"]
    difference = np.abs(images.numpy().astype(int) - faces_of_seeds(generator, range(16)))
    assert 0 < difference.mean() < 2


@pytest.mark.parametrize("name", models.ARCHITECTURES)
def test_every_architecture_exports(name, tmp_path):
    generator = models.build_generator(name, 32, 4, width=0.125)
    assert saved_model.export(generator, str(tmp_path), {}) == str(tmp_path / "1")


def test_versions_count_up_and_nothing_else_is_left(generator, exported, tmp_path):
    folder = tmp_path / "faces"
    shutil.copytree(exported, folder / "7")
    (folder / "notes").mkdir()
    assert saved_model.export(generator, str(folder), {"step": 2}) == str(folder / "8")
    assert sorted(os.listdir(folder)) == ["7", "8", "notes"]


def test_provenance_and_weights_are_kept_and_known_again(generator, exported):
    with open(os.path.join(exported, "assets.extra", "provenance.json")) as file:
        provenance = json.load(file)
    assert provenance["step"] == 1
    folder = os.path.dirname(exported)
    assert saved_model.newest_export(generator, folder) == exported
    keras.utils.set_random_seed(4321)
    other = models.build_generator("exercise", 32, 8, width=0.25)
    assert saved_model.newest_export(other, folder) is None
    half = models.build_generator("exercise", 32, 8, width=0.25, precision="mixed_bfloat16")
    half.set_weights(generator.get_weights())
    assert saved_model.newest_export(half, folder) is None
    assert saved_model.newest_export(generator, os.path.join(folder, "nowhere")) is None


def test_other_users_can_read_it(exported):
    assert os.stat(exported).st_mode & 0o777 == 0o755


def test_wrong_images_are_not_published(generator, tmp_path, monkeypatch):
    real = saved_model._expected

    def darker(generator):
        return {
            name: (key, value, images // 2)
            for name, (key, value, images) in real(generator).items()
        }

    monkeypatch.setattr(saved_model, "_expected", darker)
    with pytest.raises(UserError, match="was not published: images of .* differ by"):
        saved_model.export(generator, str(tmp_path), {})
    assert os.listdir(tmp_path) == []


def test_unwritable_folder_is_one_clear_error(generator, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="--export_dir: cannot write to"):
        saved_model.export(generator, str(tmp_path / "file" / "faces"), {})


def test_two_exports_at_once_get_different_versions(generator, tmp_path, monkeypatch):
    """The other export publishes version 1 while this one is being checked."""
    real = saved_model.verify

    def slow(*arguments):
        real(*arguments)
        shutil.copytree(arguments[0], tmp_path / "1")

    monkeypatch.setattr(saved_model, "verify", slow)
    assert saved_model.export(generator, str(tmp_path), {"step": 3}) == str(tmp_path / "2")
