import itertools
import json
import logging
import os

import pytest
import tensorflow as tf

from tfgan_faces.errors import UserError
from tfgan_faces.runs.checkpoints import Checkpoints
from tfgan_faces.runs.run_directory import RunDirectory

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
def test_a_damaged_checkpoint_causes_a_warning_and_the_one_before_is_used(
    checkpoints, damage, name, caplog, monkeypatch
):
    monkeypatch.setattr(logging.getLogger("tfgan_faces"), "propagate", True)
    save(checkpoints, 1, 2)
    damage(os.path.join(checkpoints.path(2), name))
    with caplog.at_level(logging.WARNING):
        assert checkpoints.newest() == 1
    assert "step_000002 is damaged" in caplog.text


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"parts": ["\xff"]}'])
def test_a_run_with_a_damaged_file_of_checksums_can_be_resumed(tmp_path, content):
    run = RunDirectory(str(tmp_path))
    for step in (1, 2):
        run.save(step, state(step))
    (tmp_path / "checkpoints" / "step_000002" / "checksums.json").write_bytes(content)
    run.check_resumable()
    assert run.restore(state(0)) == 1


def test_a_run_resumes_from_the_checkpoint_before_a_damaged_one(tmp_path):
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


def test_a_run_does_not_start_over_if_all_checkpoints_are_damaged(tmp_path):
    run = RunDirectory(str(tmp_path))
    run.save(1, state(1))
    cut(tmp_path / "checkpoints" / "step_000001" / FILES[1])
    with pytest.raises(UserError, match="all checkpoints in .* are damaged"):
        run.restore(state(0))
    assert os.listdir(tmp_path / "checkpoints") == ["step_000001"]


def test_old_checkpoints_stay_until_the_new_one_has_been_read_back(checkpoints, monkeypatch):
    save(checkpoints, 1, 2)
    monkeypatch.setattr(checkpoints, "_is_intact", lambda step, kind: False)
    save(checkpoints, 3, kept=1)
    assert checkpoints.steps() == [1, 2, 3]
    monkeypatch.undo()
    save(checkpoints, 4, kept=1)
    assert checkpoints.steps() == [4]


def test_a_checkpoint_of_an_older_version_is_read(checkpoints):
    save(checkpoints, 1)
    os.remove(os.path.join(checkpoints.path(1), "checksums.json"))
    assert checkpoints.newest() == 1


@pytest.mark.parametrize("lists_parts", [False, True])
def test_measures_that_an_older_version_did_not_save_keep_their_values(tmp_path, lists_parts):
    """Versions before 0.9 did not list the parts of a checkpoint."""
    old = Checkpoints(str(tmp_path), "0.7.0")
    save(old, 1)
    if not lists_parts:
        path = old.path(1) / "checksums.json"
        content = json.loads(path.read_text())
        del content["parts"]
        path.write_text(json.dumps(content))
    newer = state(0) | {"running_of_critic": [tf.Variable(5.0)]}
    old.read(1, newer, everything=True)
    assert int(newer["numbers"][1]) == 1
    assert float(newer["running_of_critic"][0]) == 5.0


def test_a_network_that_is_missing_from_a_checkpoint_is_an_error(checkpoints):
    save(checkpoints, 1)
    with pytest.raises(UserError, match="cannot be read"):
        checkpoints.read(1, state(0) | {"critic": [tf.Variable(5.0)]}, everything=True)


def test_a_step_that_is_saved_again_is_replaced(checkpoints):
    """This happens after two stops in one burst of critic turns, and after a rollback."""
    for kind in ("step", "best"):
        for value in (1, 2):
            checkpoints.save(7, state(value), kind, 1)
        found = state(0)
        checkpoints.read(7, found, kind)
        assert int(found["numbers"][1]) == 2


def test_a_rollback_moves_the_best_checkpoint_aside(checkpoints):
    save(checkpoints, 1, 2)
    checkpoints.save(2, state(2), "best", 1)
    checkpoints.clear(1)
    assert checkpoints.steps("best") == []
    assert {"aside_step_000002", "aside_best_000002"} <= set(os.listdir(checkpoints.folder))


class TestOtherFolders:
    def create(self, checkpoints, name):
        path = checkpoints.folder / name
        path.mkdir(parents=True)
        (path / "notes.txt").write_text("mine")
        return path / "notes.txt"

    def test_are_ignored_and_not_removed(self, checkpoints):
        names = ("step_1", "step_000009", ".writing_step_000003_7", ".writing_mine", "best_4")
        notes = [self.create(checkpoints, name) for name in names]
        save(checkpoints, 2, 3, 4, kept=1)
        assert checkpoints.steps() == [4]
        assert checkpoints.steps("best") == []
        checkpoints.clear(4)
        assert all(note.exists() for note in notes)

    def test_in_the_way_of_a_checkpoint_are_an_error(self, checkpoints):
        note = self.create(checkpoints, "step_000002")
        with pytest.raises(UserError, match=r"--run_dir: .*step_000002 is in the way"):
            save(checkpoints, 2)
        assert note.exists()

    def test_in_the_way_of_a_checkpoint_that_is_moved_aside_are_an_error(self, checkpoints):
        note = self.create(checkpoints, "aside_step_000002")
        save(checkpoints, 1, 2)
        with pytest.raises(UserError, match=r"aside_step_000002 is in the way"):
            checkpoints.clear(1)
        assert note.exists()

    def test_of_killed_processes_are_removed(self, checkpoints):
        save(checkpoints, 1, 2)
        checkpoints.path(2).rename(checkpoints.folder / ".writing_step_000002_77")
        (checkpoints.folder / ".writing_step_000003_77").mkdir()
        killed = checkpoints.folder / ".writing_step_000004_77"
        killed.mkdir()
        (killed / ".checksums.json.77").write_text("{")
        checkpoints.clear(1)
        assert os.listdir(checkpoints.folder) == ["step_000001"]


def test_the_version_is_stored_and_named_if_a_checkpoint_cannot_be_read(checkpoints):
    save(checkpoints, 1)
    with open(os.path.join(checkpoints.path(1), "checksums.json")) as file:
        assert json.load(file)["version"] == "0.4.0"
    with pytest.raises(UserError, match=r"written by version 0\.4\.0, this is 0\.4\.0"):
        checkpoints.read(1, {"others": [tf.Variable(0)]}, everything=True)


class TestInAnObjectStore:
    @pytest.fixture
    def checkpoints(self, bucket):
        return Checkpoints(f"{bucket}/checkpoints", "0.4.0")

    def test_the_newest_checkpoints_are_kept_and_read_back(self, checkpoints):
        save(checkpoints, 1, 2, 3, kept=2)
        assert checkpoints.steps() == [2, 3]
        found = state(0)
        checkpoints.read(checkpoints.newest(), found, everything=True)
        assert found["numbers"][1].numpy() == 3

    def test_an_unfinished_checkpoint_is_skipped_and_replaced(self, checkpoints):
        """It has its final name from the start there; its checksums are written last."""
        save(checkpoints, 1, 2)
        (checkpoints.path(2) / "checksums.json").unlink()
        assert checkpoints.newest() == 1
        save(checkpoints, 2)
        assert checkpoints.newest() == 2

    def test_later_checkpoints_are_moved_aside(self, checkpoints):
        save(checkpoints, 1, 2)
        checkpoints.clear(1)
        assert checkpoints.steps() == [1]
        assert (checkpoints.folder / "aside_step_000002" / "checksums.json").exists()
