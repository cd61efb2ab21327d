import os

from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.batches.digests import remembered
from tfgan_faces.data.batches.open_photos import read_photos
from tfgan_faces.data.batches.photos import Photos
from tfgan_faces.data.batches.record_photos import read_records
from tfgan_faces.data.records.preparation import prepare


def test_a_digest_is_computed_once_per_stamp(tmp_path):
    computed = []

    def compute():
        computed.append(len(computed))
        return f"digest {len(computed)}"

    note = tmp_path / "note.json"
    assert remembered(note, [3, 1], compute) == "digest 1"
    assert remembered(note, [3, 1], compute) == "digest 1"
    assert remembered(note, [3, 2], compute) == "digest 2"
    note.write_text("{")
    assert remembered(note, [3, 2], compute) == "digest 3"


def test_a_digest_that_cannot_be_cached_is_computed_each_time(tmp_path):
    (tmp_path / "file").write_text("")
    for number in (1, 2):
        assert remembered(tmp_path / "file" / "note", 0, lambda number=number: number) == number


def test_a_second_start_does_not_read_the_photos(photo_folder, tmp_path, monkeypatch):
    data = DataConfig("folder", data_dir=str(photo_folder), image_size=16)
    builder = prepare(Config(data).resolved().data, str(tmp_path / "cache"))
    digests = {read_photos(builder).digest(), read_records(builder).digest()}
    assert len(digests) == 1

    def fail(photos):
        raise AssertionError("the photos were read")

    monkeypatch.setattr(Photos, "digest", fail)
    assert {read_photos(builder).digest(), read_records(builder).digest()} == digests
    monkeypatch.undo()
    path = builder.data_path / "training.rgb"
    path.write_bytes(bytes(os.path.getsize(path)))
    os.utime(path, ns=(1, 1))
    assert read_photos(builder).digest() not in digests
