import itertools
import json
import logging
import os

import pytest
import tensorflow as tf

from tfgan_faces.checkpoints import Checkpoints
from tfgan_faces.errors import UserError
from tfgan_faces.run_directory import RunDirectory

FILES = ["state.index", "state.data-00000-of-00001"]


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(str(tmp_path / "checkpoints"), "0.4.0")


def state(value):
    return {"numbers": [tf.Variable([float(value)] * 300), tf.Variable(value)]}


def save(checkpoints, *steps, kept=3):
    for step in steps:
        checkpoints.save(step, state(step), "step", kept)


def flip_a_bit(path):
    with open(path, "r+b") as file:
        content = bytearray(file.read())
        content[len(content) // 2] ^= 4
        file.seek(0)
        file.write(content)


def cut(path):
    os.truncate(path, os.path.getsize(path) // 2)


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        *itertools.product([flip_a_bit, cut, os.remove], FILES),
        *itertools.product([flip_a_bit, cut], ["checksums.json"]),
    ],
)
def test_a_damaged_checkpoint_is_warned_of_and_the_one_before_is_taken(
    checkpoints, damage, name, caplog, monkeypatch
):
    monkeypatch.setattr(logging.getLogger("tfgan_faces"), "propagate", True)
    save(checkpoints, 1, 2)
    damage(os.path.join(checkpoints.path(2), name))
    with caplog.at_level(logging.WARNING):
        assert checkpoints.newest() == 1
    assert "step_000002 is damaged" in caplog.text


def test_a_run_goes_on_from_the_one_before(tmp_path):
    run = RunDirectory(str(tmp_path))
    for step in (1, 2):
        run.save(step, state(step))
    flip_a_bit(tmp_path / "checkpoints" / "step_000002" / FILES[1])
    restored = state(0)
    assert run.restore(restored) == 1
    assert int(restored["numbers"][1]) == 1
    run.save(2, state(7))
    assert run.restore(restored) == 2
    assert int(restored["numbers"][1]) == 7
    assert "aside_step_000002" in os.listdir(tmp_path / "checkpoints")


def test_when_all_are_damaged_nothing_is_begun_anew(tmp_path):
    run = RunDirectory(str(tmp_path))
    run.save(1, state(1))
    cut(tmp_path / "checkpoints" / "step_000001" / FILES[1])
    with pytest.raises(UserError, match="all checkpoints in .* are damaged"):
        run.restore(state(0))
    assert os.listdir(tmp_path / "checkpoints") == ["step_000001"]


def test_old_ones_stay_until_the_new_one_has_been_read_back(checkpoints, monkeypatch):
    save(checkpoints, 1, 2)
    monkeypatch.setattr(checkpoints, "_is_whole", lambda step, kind: False)
    save(checkpoints, 3, kept=1)
    assert checkpoints.steps() == [1, 2, 3]
    monkeypatch.undo()
    save(checkpoints, 4, kept=1)
    assert checkpoints.steps() == [4]


def test_a_checkpoint_of_an_older_version_is_read(checkpoints):
    save(checkpoints, 1)
    os.remove(os.path.join(checkpoints.path(1), "checksums.json"))
    assert checkpoints.newest() == 1


def test_the_version_is_noted_and_told_where_it_cannot_be_read(checkpoints):
    save(checkpoints, 1)
    with open(os.path.join(checkpoints.path(1), "checksums.json")) as file:
        assert json.load(file)["version"] == "0.4.0"
    with pytest.raises(UserError, match=r"written by version 0\.4\.0, this is 0\.4\.0"):
        checkpoints.read(1, {"others": [tf.Variable(0)]}, everything=True)


class TestInAStore:
    @pytest.fixture
    def checkpoints(self, bucket):
        return Checkpoints(f"{bucket}/checkpoints", "0.4.0")

    def test_the_newest_are_kept_and_read_back(self, checkpoints):
        save(checkpoints, 1, 2, 3, kept=2)
        assert checkpoints.steps() == [2, 3]
        found = state(0)
        checkpoints.read(checkpoints.newest(), found, everything=True)
        assert found["numbers"][1].numpy() == 3

    def test_one_that_was_not_finished_is_passed_over_and_written_anew(self, checkpoints):
        """It has its name from the beginning there; its checksums come last."""
        save(checkpoints, 1, 2)
        (checkpoints.path(2) / "checksums.json").unlink()
        assert checkpoints.newest() == 1
        save(checkpoints, 2)
        assert checkpoints.newest() == 2

    def test_later_ones_are_put_aside(self, checkpoints):
        save(checkpoints, 1, 2)
        checkpoints.clear(1)
        assert checkpoints.steps() == [1]
        assert (checkpoints.folder / "aside_step_000002" / "checksums.json").exists()
