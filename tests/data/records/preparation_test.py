import contextlib
import os
import subprocess
import sys

import pytest
import tensorflow as tf

from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.batches.open_photos import read_photos
from tfgan_faces.data.batches.people import SIDES
from tfgan_faces.data.records import face_folder, preparation
from tfgan_faces.data.records.preparation import build, prepare
from tfgan_faces.errors import UserError
from tfgan_faces.storage.files import names_in


def data(folder):
    return Config(DataConfig("folder", str(folder), image_size=16)).resolved().data


def names(builder):
    """Returns the names in the parent of the records' folder."""
    return sorted(os.listdir(builder.data_path.parent))


def test_leftovers_of_a_killed_preparation_are_removed(photo_folder, tmp_path):
    builder = build(data(photo_folder), tmp_path / "cache")
    os.makedirs(builder.data_path.parent / "incomplete.ABC123_1.1.0")
    assert names(prepare(data(photo_folder), tmp_path / "cache")) == [".1.1.0.lock", "1.1.0"]


def test_the_second_of_two_preparations_waits_and_uses_the_records_of_the_first(
    photo_folder, tmp_path, monkeypatch
):
    cache, waited_for = str(tmp_path / "cache"), []
    lock = str(build(data(photo_folder), cache).data_path.parent / ".1.1.0.lock")
    code = (
        "import sys\n"
        "from tfgan_faces.config import Config, DataConfig\n"
        "from tfgan_faces.data.records.preparation import build\n"
        "from tfgan_faces.storage.locking import locked\n"
        f"with locked({lock!r}, print):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
        f"    data = DataConfig('folder', {str(photo_folder)!r}, image_size=16)\n"
        f"    build(Config(data).resolved().data, {cache!r}).download_and_prepare()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as first:
        assert first.stdout.readline() == b"held\n"

        def wait(holder, holders):
            waited_for.append(holder)
            holders.append(holder)
            first.stdin.close()  # the first one continues

        monkeypatch.setattr(preparation, "_wait", wait)
        second = prepare(data(photo_folder), cache)
    assert waited_for == [str(first.pid)]
    assert second.info.metadata["photos"] == 9


def test_leftovers_of_a_killed_preparation_in_an_object_store_are_removed(photo_folder, bucket):
    """An object store renames a folder by copying its objects one by one."""
    whole = prepare(data(photo_folder), bucket)
    (whole.data_path / ".whole").unlink()
    (whole.data_path / "metadata.json").unlink()
    (whole.data_path.parent / "incomplete.ABC123_1.1.0" / "a").write_bytes(b"half")
    again = prepare(data(photo_folder), bucket)
    assert again.info.metadata["photos"] == 9
    assert sum(len(read_photos(again, side)) for side in SIDES) == 9
    assert names_in(again.data_path.parent) == ["1.1.0"]


def test_records_that_another_process_wrote_meanwhile_to_an_object_store_are_used(
    photo_folder, bucket, monkeypatch
):
    """It may end between two renewals of its lease, and then `wait` is not called."""

    @contextlib.contextmanager
    def taken_after_another(path, wait):
        if others:
            others.pop()
            prepare(data(photo_folder), bucket)
        yield

    others = ["one"]
    monkeypatch.setattr(preparation, "locked", taken_after_another)
    assert prepare(data(photo_folder), bucket).info.metadata["photos"] == 9


def test_an_object_store_that_does_not_respond_loses_no_photos(photo_folder, tmp_path, monkeypatch):
    def read(content, crop, image_size):
        raise tf.errors.UnavailableError(None, None, "no answer")

    with monkeypatch.context() as broken:
        broken.setattr(face_folder, "decode_photo", read)
        with pytest.raises(UserError, match="no answer"):
            prepare(data(photo_folder), tmp_path / "cache")
    assert prepare(data(photo_folder), tmp_path / "cache").info.metadata["photos"] == 9


def test_a_missing_object_store_is_an_error(photo_folder, bucket):
    del bucket
    with pytest.raises(UserError, match="cannot be prepared: .*gs://nobody/x"):
        prepare(data(photo_folder), "gs://nobody/x")


def test_leftovers_of_a_killed_reader_are_removed(photo_folder, tmp_path):
    builder = prepare(data(photo_folder), tmp_path / "cache")
    (builder.data_path / "training.rgb.77").write_bytes(b"half")
    (builder.data_path / "holiday.rgb.png").write_bytes(b"mine")
    assert len(read_photos(builder)) + len(read_photos(builder, "held_out")) == 9
    assert not (builder.data_path / "training.rgb.77").exists()
    assert (builder.data_path / "holiday.rgb.png").exists()


def test_only_os_errors_become_user_errors(photo_folder, tmp_path, monkeypatch):
    def failing(error):
        def fail(self, **settings):
            raise error

        return fail

    builder = type(build(data(photo_folder), tmp_path / "cache"))
    full = RuntimeError("while writing")
    full.__cause__ = OSError(28, "No space left on device")
    for error in (full, OSError(28, "No space left on device")):
        monkeypatch.setattr(builder, "download_and_prepare", failing(error))
        with pytest.raises(UserError, match="--cache_dir: cannot write to"):
            prepare(data(photo_folder), tmp_path / "cache")
    monkeypatch.setattr(builder, "download_and_prepare", failing(RuntimeError("a mistake")))
    with pytest.raises(RuntimeError, match="a mistake"):
        prepare(data(photo_folder), tmp_path / "cache")
