import errno
import os

import pytest

from tfgan_faces.errors import UserError
from tfgan_faces.storage import paths


def test_is_remote_distinguishes_addresses_from_paths():
    assert paths.is_remote("gs://bucket/a")
    assert not paths.is_remote("a/b")


def test_absolute_expands_paths_and_leaves_addresses(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ann")
    assert paths.absolute("~/a") == "/home/ann/a"
    assert paths.absolute("a") == os.path.join(os.getcwd(), "a")
    assert paths.absolute("gs://bucket/~/a/") == "gs://bucket/~/a"
    assert paths.expanded("~/a") == "/home/ann/a"
    assert paths.expanded("a/") == "a/"


def test_a_path_is_never_treated_as_an_address(tmp_path):
    """epath treats /gs/a as gs://a."""
    assert str(paths.as_path("/gs/a")) == "/gs/a"
    assert str(paths.as_path("gs://bucket/a")) == "gs://bucket/a"
    assert paths.as_path(tmp_path / "a").parent == tmp_path


def test_only_addresses_supported_by_tensorflow_are_reachable():
    paths.check_reachable("--run_dir", "a/b")
    paths.check_reachable("--run_dir", "gs://bucket/a")
    with pytest.raises(UserError, match="--run_dir must be.*gs://. Received: http://a/b"):
        paths.check_reachable("--run_dir", "http://a/b")


def test_check_mounted_rejects_addresses():
    paths.check_mounted("--export_dir", "a/b")
    with pytest.raises(UserError, match="--export_dir must be.*mounted.*Received: gs://a/b"):
        paths.check_mounted("--export_dir", "gs://a/b")


def test_a_new_folder_is_writable_if_its_parent_is(tmp_path):
    paths.check_writable("--run_dir", str(tmp_path / "new" / "run"))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="--run_dir: cannot write to .*file/run .*; choose another"):
        paths.check_writable("--run_dir", str(tmp_path / "file" / "run"))
    assert os.listdir(tmp_path) == ["file"]  # no trace is left


@pytest.mark.parametrize("name", ["x" * 256, "nul\0"], ids=["long", "nul"])
def test_an_impossible_name_is_rejected(tmp_path, name):
    with pytest.raises(UserError, match="--export_dir: cannot write to"):
        paths.check_writable("--export_dir", str(tmp_path / name))


def test_a_full_disk_is_reported_in_advance(tmp_path, monkeypatch):
    def fail(**where):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(paths.tempfile, "TemporaryFile", fail)
    with pytest.raises(UserError, match="No space left on device"):
        paths.check_writable("--run_dir", str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_check_writable_writes_to_the_bucket(bucket):
    paths.check_writable("--run_dir", f"{bucket}/runs/a")
    with pytest.raises(UserError, match="--run_dir: cannot write to gs://other/a"):
        paths.check_writable("--run_dir", "gs://other/a")
