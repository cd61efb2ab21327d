import os
import time
import zipfile

import numpy as np
import pytest
from PIL import Image

from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.batches.open_photos import read_photos
from tfgan_faces.data.records.face_attributes import draw_attributes
from tfgan_faces.data.records.face_drawing import LARGE_FEATURES, draw_faces
from tfgan_faces.data.records.preparation import build, prepare
from tfgan_faces.data.sources.photo_decoding import decode_photo
from tfgan_faces.errors import UserError


def data(folder, **settings):
    config = DataConfig("folder", str(folder), **{"image_size": 16, **settings})
    return Config(config).resolved().data


def test_records_contain_the_decoded_photos_and_their_people(photo_folder, tmp_path):
    builder = prepare(data(photo_folder), tmp_path / "cache")
    expected = {
        (path.parent.name, decode_photo(path.read_bytes(), 1.0, 16).tobytes())
        for path in photo_folder.rglob("*.jpg")
    }
    records = builder.as_dataset(split="train")
    got = {(r["label"].numpy().decode(), r["image"].numpy().tobytes()) for r in records}
    assert got == expected
    assert read_photos(builder).shape == (9, 16, 16, 3)


def test_a_folder_is_prepared_again_only_after_a_change(photo_folder, tmp_path):
    first = prepare(data(photo_folder), tmp_path / "cache")
    assert build(data(photo_folder), tmp_path / "cache").is_prepared()
    assert not build(data(photo_folder, crop=0.5), tmp_path / "cache").is_prepared()
    os.utime(photo_folder / "Ann" / "0.jpg", ns=(0, time.time_ns()))
    second = prepare(data(photo_folder), tmp_path / "cache")
    assert second.data_path != first.data_path


def test_unreadable_photos_are_skipped_and_listed(photo_folder, tmp_path):
    (photo_folder / "Ann" / "empty.jpg").write_bytes(b"")
    (photo_folder / "Bob" / "text.png").write_text("no photo")
    for builder in (
        prepare(data(photo_folder), tmp_path / "cache"),
        build(data(photo_folder), tmp_path / "cache"),  # as read back from the disk
    ):
        assert builder.info.metadata["photos"] == 9
        skipped = {item["file"]: item["reason"] for item in builder.info.metadata["skipped"]}
        assert skipped.keys() == {"Ann/empty.jpg", "Bob/text.png"}
        assert all("is not a photo" in reason for reason in skipped.values())
    assert (builder.data_path / "metadata.json").exists()


def test_an_archive_gives_the_same_photos_as_a_folder(photo_folder, tmp_path):
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for photo in photo_folder.rglob("*.jpg"):
            archive.write(photo, photo.relative_to(photo_folder))
        archive.writestr("../outside.jpg", b"")
    zipped = prepare(data(path), tmp_path / "cache")
    assert zipped.info.metadata["skipped"] == [
        {"file": "../outside.jpg", "reason": "points outside the archive"}
    ]
    folder = prepare(data(photo_folder), tmp_path / "cache")
    np.testing.assert_array_equal(read_photos(zipped), read_photos(folder))


def test_unusual_names_are_supported(photo_folder, tmp_path):
    pixels = Image.new("RGB", (20, 20))
    pixels.save(photo_folder / "Ann" / "new\nline.png")
    pixels.save(
        os.path.join(os.fsencode(photo_folder), b"Bob", b"latin\xe9.png").decode(
            "utf-8", "surrogateescape"
        )
    )
    builder = prepare(data(photo_folder), tmp_path / "cache")
    assert builder.info.metadata["photos"] == 11


@pytest.fixture
def group_folder(tmp_path):
    """A folder with a photo of two drawn faces, one of one face and one of none."""
    folder = tmp_path / "album"
    folder.mkdir()
    attributes = [
        draw_attributes(np.random.default_rng(seed)) | {"roll": 0.0, "yaw": 0.0, "glasses": 0}
        for seed in range(3)
    ]
    one, two, three = map(Image.fromarray, draw_faces(attributes, 160, LARGE_FEATURES))
    for name, faces in {"two.png": (one, two), "one.png": (three,), "none.png": ()}.items():
        photo = Image.new("RGB", (440, 240), "gray")
        for number, face in enumerate(faces):
            photo.paste(face, (30 + 200 * number, 40))
        photo.save(folder / name)
    return folder


@pytest.mark.parametrize(
    ("faces", "names"),
    [("largest", {"one.png", "two.png"}), ("all", {"one.png", "two.png", "two.png#2"})],
)
def test_aligned_faces_are_named_after_their_photo(group_folder, tmp_path, faces, names):
    settings = data(group_folder, align="faces", faces=faces)
    assert settings.crop == 0.6
    builder = prepare(settings, tmp_path / "cache")
    records = list(builder.as_dataset(split="train").as_numpy_iterator())
    assert {record["name"].decode() for record in records} == names
    assert len({record["image"].tobytes() for record in records}) == len(names)
    assert builder.info.metadata["photos"] == len(names)
    (skipped,) = builder.info.metadata["skipped"]
    assert skipped == {"file": "none.png", "reason": "has no face of at least 48 pixels"}
    with Image.open(builder.data_path / "faces.png") as sheet:
        assert sheet.width == 1200
    refused = np.load(builder.data_path / "refused.npy")
    assert refused.shape == (1, 64, 64, 3)
    assert (refused[0, 32] == 128).all()  # the gray photo
    assert (refused[0, 0] == 255).all()  # on a white square


def test_records_do_not_depend_on_the_number_of_files_with_several_faces(group_folder, tmp_path):
    settings = data(group_folder, align="faces", faces="all")
    images = [
        [r["image"].tobytes() for r in builder.as_dataset(split="train").as_numpy_iterator()]
        for shards in (1, 3)
        for builder in [prepare(settings, tmp_path / f"cache{shards}", shards=shards)]
    ]
    assert sorted(images[0]) == sorted(images[1])


def test_folders_without_files_or_readable_photos_are_refused(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UserError, match="there are no files"):
        prepare(data(empty), tmp_path / "cache")
    (empty / "a.jpg").write_bytes(b"x")
    with pytest.raises(UserError, match="none of the 1 files.*a.jpg: is not a photo"):
        prepare(data(empty), tmp_path / "cache")


@pytest.mark.long
def test_real_photos_of_lfw(lfw_archive, tmp_path):
    """The original archive has 12,071 photos; none is skipped."""
    config = Config(DataConfig("lfw", lfw_archive, image_size=32)).resolved()
    builder = prepare(config.data, tmp_path)
    assert builder.info.metadata["photos"] == 12071
    assert builder.info.metadata["skipped"] == []
    photos = np.asarray(read_photos(builder))
    assert photos.shape == (11078, 32, 32, 3)
    assert read_photos(builder, "held_out").shape == (993, 32, 32, 3)
    # The faces are aligned: the mean face is darker at the eyes than at the cheeks.
    mean = photos.mean((0, 3))
    assert mean[10:14, 8:13].mean() < mean[16:20, 8:13].mean() - 5
    people = {r.numpy() for r in builder.as_dataset(split="train").map(lambda r: r["label"])}
    assert len(people) > 5000
