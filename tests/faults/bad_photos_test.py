"""Invalid photos are read correctly, or skipped and reported with their name and reason."""

import os
import re
import socket

import pytest

from tests.faults import bad_photos
from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.batches.open_photos import read_photos
from tfgan_faces.data.batches.people import SIDES
from tfgan_faces.data.records.face_folder import printable
from tfgan_faces.data.records.preparation import prepare
from tfgan_faces.data.sources.photo import MAX_BYTES
from tfgan_faces.data.sources.photo_sources import open_source


def prepared(source, cache):
    """Prepares photos; returns the skipped files (name to reason) and the number of photos."""
    config = Config(DataConfig("folder", data_dir=str(source), image_size=16)).resolved()
    builder = prepare(config.data, str(cache))
    metadata = builder.info.metadata
    count = sum(len(read_photos(builder, people)) for people in SIDES)
    assert count == int(metadata["photos"])
    return {row["file"]: row["reason"] for row in metadata["skipped"]}, count


def snapshot(folder):
    """Returns all paths below a folder, with their sizes and modification times."""
    return sorted(
        (path, os.lstat(path).st_size, os.lstat(path).st_mtime_ns)
        for parent, folders, names in os.walk(folder)
        for path in (os.path.join(parent, name) for name in [*folders, *names])
    )


def assert_expected(skipped, count, expected):
    reasons = {printable(name): reason for name, reason in expected.items()}
    wrong = {name for name, reason in reasons.items() if (reason is None) != (name not in skipped)}
    assert not wrong, {name: skipped.get(name) for name in wrong}
    for name, reason in reasons.items():
        if reason is not None:
            assert re.search(reason, skipped[name], re.I), (name, skipped[name])
            assert skipped[name]
    assert count == sum(reason is None for reason in reasons.values())
    assert set(skipped) <= set(reasons)


def test_a_folder_of_invalid_photos(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for name, (content, _) in bad_photos.FOLDER.items():
        (photos / name).write_bytes(content)
    expected = {name: reason for name, (_, reason) in bad_photos.FOLDER.items()}
    # Files that are not regular files.
    (photos / "loop").symlink_to(photos)
    (photos / "folder.png").mkdir()
    (photos / "itself.png").symlink_to(photos / "itself.png")
    (photos / "dangling.png").symlink_to(photos / "gone.png")
    (photos / "link.png").symlink_to(photos / "alpha.png")
    os.mkfifo(photos / "pipe.png")
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind(str(photos / "socket.png"))
    with open(photos / "huge.png", "wb") as file:
        file.truncate(1 << 40)
    expected |= {
        "itself.png": "symbolic link",
        "dangling.png": "no such file",
        "link.png": None,
        "huge.png": "is larger than",
        "loop/": "a link to a folder that contains it",
        "pipe.png": "is not a regular file",
        "socket.png": "is not a regular file",
    }
    assert len(expected) >= 60
    before = snapshot(photos)
    skipped, count = prepared(photos, tmp_path / "cache")
    assert_expected(skipped, count, expected)
    assert snapshot(photos) == before
    assert sorted(os.listdir(tmp_path)) == ["cache", "photos"]


@pytest.mark.parametrize("kind", ["tgz", "zip"])
def test_a_malicious_archive(tmp_path, kind):
    path = tmp_path / f"photos.{kind}"
    if kind == "tgz":
        expected = bad_photos.write_tar(path)
    else:
        expected = bad_photos.write_zip(path, MAX_BYTES)
    skipped, count = prepared(path, tmp_path / "cache")
    assert_expected(skipped, count, expected)
    assert sorted(os.listdir(tmp_path)) == ["cache", path.name]
    assert not os.path.exists("/tmp/absolute.png")


def test_files_that_disappear_or_change_during_reading(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    content = bad_photos.encode(bad_photos.picture())
    for name in "abc":
        (photos / f"{name}.png").write_bytes(content)
    source = open_source(str(photos))
    first, *others = source.photos()
    (photos / "a.png").unlink()
    (photos / "b.png").write_bytes(content[:50])
    with source.reader() as read:
        with pytest.raises(FileNotFoundError):
            read(first)
        assert [read(photo) for photo in others] == [content[:50], content]


def test_identical_photos_are_both_kept(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in "ab":
        (photos / f"{name}.png").write_bytes(bad_photos.encode(bad_photos.picture()))
    assert prepared(photos, tmp_path / "cache") == ({}, 2)


@pytest.mark.slow
@pytest.mark.parametrize("in_folders", [True, pytest.param(False, marks=pytest.mark.long)])
def test_ten_thousand_photos_in_one_folder_or_in_ten_thousand(tmp_path, in_folders):
    content = bad_photos.encode(bad_photos.picture(size=(4, 4)))
    for number in range(10_000):
        folder = tmp_path / "photos" / (f"{number}" if in_folders else "all")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.png").write_bytes(content)
    skipped, count = prepared(tmp_path / "photos", tmp_path / "cache")
    assert (skipped, count) == ({}, 10_000)
