import os

import pytest
from etils import epath

from tfgan_faces.storage import files


def test_writing_replaces_the_file(tmp_path):
    path = tmp_path / "new" / "a.txt"
    files.write_atomic(path, b"one")
    files.write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(path.parent) == ["a.txt"]


def test_failure_keeps_the_old_file_and_leaves_no_other(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    files.write_atomic(path, b"one")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.write_atomic(path, b"two")
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_writing_replaces_an_object(bucket):
    path = epath.Path(f"{bucket}/new/a.txt")
    files.write_atomic(path, b"one")
    files.write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert files.names_in(path.parent) == ["a.txt"]


class TestAtomicDirectory:
    def test_replaces_a_folder(self, place):
        for name in ("one", "two"):
            with files.atomic_directory(place / "a") as folder:
                (folder / name).write_bytes(b"x")
        assert files.names_in(place) == ["a"]
        assert files.names_in(place / "a") == ["two"]

    def test_failure_leaves_nothing(self, place):
        def fail():
            with files.atomic_directory(place / "a") as folder:
                (folder / "one").write_bytes(b"x")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert files.names_in(place) == []

    def test_an_unfinished_folder_is_not_visible(self, tmp_path):
        with files.atomic_directory(epath.Path(tmp_path) / "a") as folder:
            (folder / "one").write_bytes(b"x")
            assert not (tmp_path / "a").exists()


def test_removes_existing_and_ignores_missing_folders(place):
    (place / "a" / "b").mkdir(parents=True)
    (place / "a" / "b" / "one").write_bytes(b"x")
    for _ in range(2):
        files.remove_folder(place / "a")
        assert files.names_in(place / "a") == []


@pytest.fixture(params=["disk", "store"])
def place(request, tmp_path):
    """An empty folder, on disk and in an object store."""
    if request.param == "disk":
        path = tmp_path / "place"
        path.mkdir()
        return epath.Path(path)
    return epath.Path(request.getfixturevalue("bucket")) / "place"
