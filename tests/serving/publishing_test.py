import errno
import logging
import os
import stat
import tempfile

import pytest

from tfgan_faces.errors import UserError
from tfgan_faces.serving.model_card import write_model_card
from tfgan_faces.serving.publishing import newest_version, publish, versions_in
from tfgan_faces.storage.locking import locked


def write(folder):
    with open(os.path.join(folder, "saved_model.pb"), "w") as file:
        file.write("model")
    write_model_card(folder, {"weights": "abc"})


def published(base_path, *names):
    for name in names:
        (base_path / name).mkdir()
        write(base_path / name)


def visible(folder, *hidden):
    """Returns the names in a folder, without hidden ones except `hidden`."""
    return sorted(name for name in os.listdir(folder) if name[0] != "." or name in hidden)


def test_version_numbers_increase_and_other_names_are_kept(tmp_path):
    for name in ("notes", ".3", "tmp-9", "9.tmp"):
        (tmp_path / name).mkdir()
    published(tmp_path, "7")
    assert publish(write, str(tmp_path), 5) == str(tmp_path / "8")
    assert visible(tmp_path, ".3") == [".3", "7", "8", "9.tmp", "notes", "tmp-9"]
    assert newest_version(str(tmp_path)) == str(tmp_path / "8")
    assert newest_version(str(tmp_path / "nowhere")) is None


def test_versions_are_sorted_as_numbers(tmp_path):
    for name in ("10", "9", "2"):
        (tmp_path / name).mkdir()
    assert versions_in(str(tmp_path)) == ["2", "9", "10"]


@pytest.mark.parametrize(("keep", "left"), [(1, ["4"]), (2, ["3", "4"]), (9, ["1", "2", "3", "4"])])
def test_old_versions_are_removed_and_the_new_one_is_kept(tmp_path, keep, left):
    published(tmp_path, "1", "2", "3")
    publish(write, str(tmp_path), keep)
    assert visible(tmp_path) == left


def test_a_version_is_not_visible_before_it_is_complete(tmp_path):
    def look(folder):
        write(folder)
        assert versions_in(str(tmp_path)) == []
        assert os.path.basename(folder).startswith(".")
        assert os.path.dirname(folder) == str(tmp_path)  # same file system: a rename is atomic

    assert "saved_model.pb" in os.listdir(publish(look, str(tmp_path), 1))


def test_a_failed_write_leaves_no_version(tmp_path):
    def fail(folder):
        write(folder)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        publish(fail, str(tmp_path), 1)
    assert os.listdir(tmp_path) == [".lock"]


def test_folders_of_killed_exports_are_removed_but_not_of_running_ones(tmp_path):
    dead, alive = (tempfile.mkdtemp(prefix=".writing_", dir=tmp_path) for _ in range(2))
    removed = str(tmp_path / ".writing_removed_1_77")
    os.mkdir(removed)
    for folder in (dead, alive, removed):
        write(folder)
    with locked(f"{alive}.lock"):
        publish(write, str(tmp_path), 1)
    assert [os.path.exists(folder) for folder in (dead, removed, alive)] == [False, False, True]


@pytest.mark.parametrize("name", [".writing_course", ".writing_abcdefgh", ".writing_removed_1_2"])
def test_folders_of_users_with_similar_names_are_kept(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "chapter.txt").write_text("It was a dark and stormy night.")
    publish(write, str(tmp_path), 1)
    assert (tmp_path / name / "chapter.txt").exists()


@pytest.mark.parametrize("content", ["a.jpg", "saved_model.pb", "assets/model_card.json"])
def test_numbered_folders_of_others_are_a_clear_error_and_are_kept(tmp_path, content):
    """A user's photos, the model of another project, and a model with another kind of card."""
    for name in ("1", "2"):
        path = tmp_path / name / content
        path.parent.mkdir(parents=True)
        path.write_text("[]")
    with pytest.raises(UserError, match=r"--export_dir: .*1 is not an export of tfgan_faces.*only"):
        publish(write, str(tmp_path), 1)
    assert sorted(os.listdir(tmp_path)) == ["1", "2"]


def test_a_foreign_folder_created_during_an_export_is_not_removed(tmp_path):
    def write_with_foreign_folder(folder):
        write(folder)
        (tmp_path / "1").mkdir()
        (tmp_path / "1" / "a.jpg").write_text("photo")

    assert publish(write_with_foreign_folder, str(tmp_path), 1) == str(tmp_path / "2")
    assert (tmp_path / "1" / "a.jpg").exists()


def test_concurrent_exports_get_different_versions(tmp_path):
    """The other export publishes version 1 while this one is written."""

    def write_during_another(folder):
        write(folder)
        publish(write, str(tmp_path), 5)

    assert publish(write_during_another, str(tmp_path), 5) == str(tmp_path / "2")
    assert visible(tmp_path) == ["1", "2"]


def test_a_number_taken_at_the_last_moment_is_skipped(tmp_path, monkeypatch):
    real = os.rename

    def rename(source, target):
        if os.path.basename(target) == "1":
            os.makedirs(os.path.join(target, "taken"))
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    assert publish(write, str(tmp_path), 5) == str(tmp_path / "2")


def test_other_users_can_read_a_version_with_any_umask(tmp_path):
    def write_deep(folder):
        os.makedirs(os.path.join(folder, "variables"))
        write(os.path.join(folder, "variables"))

    before = os.umask(0o077)
    try:
        folder = publish(write_deep, str(tmp_path / "models" / "new"), 1)
    finally:
        os.umask(before)
    modes = [os.stat(path).st_mode & 0o777 for path, _, _ in os.walk(tmp_path / "models")]
    assert modes == [0o755] * 5  # base path, the folder above, version, assets and variables
    assert os.stat(os.path.join(folder, "variables", "saved_model.pb")).st_mode & 0o777 == 0o644


def test_a_version_is_published_even_if_an_old_one_cannot_be_removed(tmp_path, monkeypatch):
    published(tmp_path, "1")

    def refuse(source, target):
        if "removed" in target:
            raise PermissionError("no")
        real(source, target)

    real = os.rename
    monkeypatch.setattr(os, "rename", refuse)
    assert publish(write, str(tmp_path), 1) == str(tmp_path / "2")
    assert versions_in(str(tmp_path)) == ["1", "2"]


def test_an_unwritable_folder_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="--export_dir: cannot write to"):
        publish(write, str(tmp_path / "file" / "faces"), 1)


def test_missing_locks_and_permissions_of_a_file_system_are_logged(tmp_path, monkeypatch, caplog):
    """Lustre, exFAT and SMB may lack locks, permissions and the sync of folders."""

    def refusing(number, real, fails):
        def call(*arguments, **options):
            if fails(*arguments):
                raise OSError(number, os.strerror(number))
            return real(*arguments, **options)

        return call

    def is_folder(descriptor):
        return stat.S_ISDIR(os.fstat(descriptor).st_mode)

    monkeypatch.setattr("fcntl.flock", refusing(errno.ENOSYS, None, lambda *_: True))
    monkeypatch.setattr(os, "chmod", refusing(errno.EPERM, os.chmod, lambda *_: True))
    monkeypatch.setattr(os, "fsync", refusing(errno.EINVAL, os.fsync, is_folder))
    monkeypatch.setattr(logging.getLogger("tfgan_faces"), "propagate", True)
    assert publish(write, str(tmp_path / "new"), 1) == str(tmp_path / "new" / "1")
    assert "does not support locks" in caplog.text
    assert "does not support permissions (Operation not permitted)" in caplog.text


def test_no_version_is_published_if_sync_fails(tmp_path, monkeypatch):
    def fail(descriptor):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UserError, match="cannot write to .*Input/output error"):
        publish(write, str(tmp_path), 1)
    assert versions_in(str(tmp_path)) == []
