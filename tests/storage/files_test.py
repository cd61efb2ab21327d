import os

import pytest
from etils import epath

from tfgan_faces.storage import files


def test_replaces_whole(tmp_path):
    path = tmp_path / "new" / "a.txt"
    files.write_whole(path, b"one")
    files.write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(path.parent) == ["a.txt"]


def test_failure_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    files.write_whole(path, b"one")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.write_whole(path, b"two")
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_an_object_is_replaced(bucket):
    path = epath.Path(f"{bucket}/new/a.txt")
    files.write_whole(path, b"one")
    files.write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert files.names_in(path.parent) == ["a.txt"]


class TestFolderWrittenWhole:
    def test_replaces_a_folder(self, place):
        for name in ("one", "two"):
            with files.folder_written_whole(place / "a") as folder:
                (folder / name).write_bytes(b"x")
        assert files.names_in(place) == ["a"]
        assert files.names_in(place / "a") == ["two"]

    def test_failure_leaves_nothing(self, place):
        def fail():
            with files.folder_written_whole(place / "a") as folder:
                (folder / "one").write_bytes(b"x")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert files.names_in(place) == []

    def test_what_is_not_finished_is_not_seen(self, tmp_path):
        with files.folder_written_whole(epath.Path(tmp_path) / "a") as folder:
            (folder / "one").write_bytes(b"x")
            assert not (tmp_path / "a").exists()


def test_removes_folders_that_are_there(place):
    (place / "a" / "b").mkdir(parents=True)
    (place / "a" / "b" / "one").write_bytes(b"x")
    for _ in range(2):
        files.remove_folder(place / "a")
        assert files.names_in(place / "a") == []


@pytest.fixture(params=["here", "store"])
def place(request, tmp_path):
    """An empty folder, here and in an object store."""
    if request.param == "here":
        path = tmp_path / "place"
        path.mkdir()
        return epath.Path(path)
    return epath.Path(request.getfixturevalue("bucket")) / "place"
