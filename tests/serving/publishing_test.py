import fcntl
import os

import pytest

from tfgan_faces.errors import UserError
from tfgan_faces.serving.publishing import newest_version, publish, versions_in


def write(folder):
    with open(os.path.join(folder, "saved_model.pb"), "w") as file:
        file.write("model")


def visible(folder, *hidden):
    """The names in a folder, without the lock's; of hidden ones those that are asked for."""
    return sorted(name for name in os.listdir(folder) if name[0] != "." or name in hidden)


def test_versions_count_up_and_other_names_are_left_alone(tmp_path):
    for name in ("7", "notes", ".3", "tmp-9", "9.tmp"):
        (tmp_path / name).mkdir()
    assert publish(write, str(tmp_path), 5) == str(tmp_path / "8")
    assert visible(tmp_path, ".3") == [".3", "7", "8", "9.tmp", "notes", "tmp-9"]
    assert newest_version(str(tmp_path)) == str(tmp_path / "8")
    assert newest_version(str(tmp_path / "nowhere")) is None


def test_versions_are_ordered_as_numbers(tmp_path):
    for name in ("10", "9", "2"):
        (tmp_path / name).mkdir()
    assert versions_in(str(tmp_path)) == ["2", "9", "10"]


@pytest.mark.parametrize(("keep", "left"), [(1, ["4"]), (2, ["3", "4"]), (9, ["1", "2", "3", "4"])])
def test_old_versions_are_pruned_and_the_new_one_stays(tmp_path, keep, left):
    for name in ("1", "2", "3"):
        (tmp_path / name).mkdir()
    publish(write, str(tmp_path), keep)
    assert visible(tmp_path) == left


def test_a_version_is_never_seen_before_it_is_whole(tmp_path):
    def look(folder):
        write(folder)
        assert versions_in(str(tmp_path)) == []
        assert os.path.basename(folder).startswith(".")
        assert os.path.dirname(folder) == str(tmp_path)  # one file system: a rename is atomic

    assert os.listdir(publish(look, str(tmp_path), 1)) == ["saved_model.pb"]


def test_a_failed_write_leaves_nothing(tmp_path):
    def fail(folder):
        write(folder)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        publish(fail, str(tmp_path), 1)
    assert os.listdir(tmp_path) == [".lock"]


def test_what_a_killed_export_left_is_removed_but_not_a_running_ones(tmp_path):
    for name in (".writing_dead", ".writing_alive"):
        (tmp_path / name).mkdir()
        write(tmp_path / name)
    descriptor = os.open(tmp_path / ".writing_alive", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    publish(write, str(tmp_path), 1)
    os.close(descriptor)
    assert visible(tmp_path, ".writing_alive", ".writing_dead") == [".writing_alive", "1"]


def test_two_exports_at_once_get_different_versions(tmp_path):
    """The other one publishes version 1 while this one is written."""

    def write_beside_another(folder):
        write(folder)
        publish(write, str(tmp_path), 5)

    assert publish(write_beside_another, str(tmp_path), 5) == str(tmp_path / "2")
    assert visible(tmp_path) == ["1", "2"]


def test_a_number_that_is_taken_at_the_last_moment_is_passed_over(tmp_path, monkeypatch):
    real = os.rename

    def rename(source, target):
        if os.path.basename(target) == "1":
            os.makedirs(os.path.join(target, "taken"))
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    assert publish(write, str(tmp_path), 5) == str(tmp_path / "2")


def test_other_users_can_read_it_whatever_the_umask(tmp_path):
    def write_deep(folder):
        os.makedirs(os.path.join(folder, "variables"))
        write(os.path.join(folder, "variables"))

    before = os.umask(0o077)
    try:
        folder = publish(write_deep, str(tmp_path / "new"), 1)
    finally:
        os.umask(before)
    modes = [os.stat(path).st_mode & 0o777 for path, _, _ in os.walk(tmp_path / "new")]
    assert modes == [0o755] * 3
    assert os.stat(os.path.join(folder, "variables", "saved_model.pb")).st_mode & 0o777 == 0o644


def test_a_version_stays_published_when_an_old_one_cannot_be_removed(tmp_path, monkeypatch):
    (tmp_path / "1").mkdir()

    def refuse(source, target):
        if "removed" in target:
            raise PermissionError("no")
        real(source, target)

    real = os.rename
    monkeypatch.setattr(os, "rename", refuse)
    assert publish(write, str(tmp_path), 1) == str(tmp_path / "2")
    assert versions_in(str(tmp_path)) == ["1", "2"]


def test_an_unwritable_folder_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="--export_dir: cannot write to"):
        publish(write, str(tmp_path / "file" / "faces"), 1)
