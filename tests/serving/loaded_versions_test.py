import os
import shutil
import threading

import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.serving import loaded_versions
from tfgan_faces.serving.loaded_versions import LoadedVersion, LoadedVersions


def test_a_version_has_inputs_and_returns_faces(exported, generator):
    version = LoadedVersion(exported)
    assert version.number == 1
    assert version.inputs("sample_png") == {
        "seed": tf.TensorSpec((None,), tf.int64, "seed"),
        "truncation": tf.TensorSpec((None,), tf.float32, "truncation"),
    }
    images = version.predict("sample", {"seed": np.int64([3])})["images"]
    np.testing.assert_allclose(images.astype(int), faces_of_seeds(generator, [3]), atol=1)
    with pytest.raises(tf.errors.InvalidArgumentError):
        version.predict("sample_png", {"seed": np.int64([3]), "truncation": np.float32([1, 1])})


def test_the_newest_version_that_loads_is_used(base_path, exported):
    versions = LoadedVersions(str(base_path))
    versions.stop()  # the test calls refresh from here on
    assert versions.newest.number == 1
    shutil.copytree(exported, base_path / "3")
    versions.refresh()
    assert versions.newest.number == 3
    os.makedirs(base_path / "4")
    versions.refresh()
    assert versions.newest.number == 3
    assert versions.states()[3] is None
    assert versions.states()[4]
    shutil.rmtree(base_path / "4")  # a valid version with this number follows
    versions.refresh()
    assert 4 not in versions.states()
    shutil.copytree(exported, base_path / "4")
    versions.refresh()
    assert versions.newest.number == 4
    shutil.copytree(exported, base_path / "5")
    versions.refresh()
    assert versions.newest.number == 5


def test_the_first_version_may_appear_later(base_path, exported):
    shutil.move(base_path / "1", base_path / ".1")
    versions = LoadedVersions(str(base_path))
    versions.stop()
    assert versions.newest is None
    assert versions.states() == {}
    shutil.move(base_path / ".1", base_path / "1")
    versions.refresh()
    assert versions.newest.number == 1


def test_the_watching_continues_after_an_unreadable_folder(base_path, monkeypatch):
    monkeypatch.setattr(loaded_versions, "_SECONDS", 0.01)
    versions = LoadedVersions(str(base_path))
    tried = threading.Event()

    def refuse():
        if tried.is_set():
            again.set()
        tried.set()
        raise PermissionError("no")

    again = threading.Event()
    monkeypatch.setattr(versions, "refresh", refuse)
    assert again.wait(30)
    versions.stop()
    assert versions.newest.number == 1


def test_a_number_that_is_used_again_is_loaded_again(base_path, exported):
    versions = LoadedVersions(str(base_path))
    versions.stop()
    first = versions.newest
    versions.refresh()
    assert versions.newest is first
    shutil.copytree(base_path / "1", base_path / ".1")
    shutil.rmtree(base_path / "1")
    versions.refresh()
    assert versions.newest is first  # until there is another
    shutil.move(base_path / ".1", base_path / "1")
    os.utime(base_path / "1" / "saved_model.pb")
    versions.refresh()
    assert versions.newest is not first
    assert versions.newest.number == 1
