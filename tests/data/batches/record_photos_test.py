import hashlib
import os

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfgan_faces.data.batches import examples
from tfgan_faces.data.batches.open_photos import read_photos
from tfgan_faces.data.batches.people import SIDES, file_name, held_out
from tfgan_faces.data.batches.record_photos import read_records
from tfgan_faces.data.records.face_drawing import draw_faces
from tfgan_faces.data.records.synthetic_faces import SyntheticFaces, face_attributes


def drawn(folder, shards, count=50):
    builder = SyntheticFaces.of(8, str(folder), count)
    builder.download_and_prepare(download_config=tfds.download.DownloadConfig(num_shards=shards))
    return builder


def as_set(photos):
    return {photo.tobytes() for photo in photos}


@pytest.fixture
def builder(tmp_path):
    return drawn(tmp_path, 3)


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("side", SIDES)
def test_records_contain_the_same_photos_as_the_decoded_copy(tmp_path, side, shards):
    builder = drawn(tmp_path, shards)
    records, decoded = read_records(builder, side), read_photos(builder, side)
    assert records.shape == decoded.shape
    np.testing.assert_array_equal(records[:], decoded[:])
    np.testing.assert_array_equal(records[[3, 0, 3]], decoded[[3, 0, 3]])
    assert records[[]].shape == (0, 8, 8, 3)
    assert records.digest() == decoded.digest() == hashlib.sha256(records[:]).hexdigest()


def test_several_shards_contain_each_photo_once(builder):
    sides = [read_records(builder, side) for side in SIDES]
    faces = draw_faces([face_attributes(number) for number in range(50)], 8)
    assert sum(map(len, sides)) == 50
    assert as_set(sides[0][:]) | as_set(sides[1][:]) == as_set(faces)
    assert as_set(sides[0][:]) == as_set(read_photos(builder)[:])
    assert sum(photos.shard_counts for photos in sides).tolist() == [17, 16, 17]


def test_names_and_attributes_come_in_the_same_order(builder):
    people, names = examples.people_and_names(builder)
    out = held_out(people, names, 0.1)
    faces = draw_faces([face_attributes(int(name)) for name in names], 8)
    skins = np.array([face_attributes(int(name))["skin"] for name in names])
    drawn = examples.attributes(builder, 0.1)
    for side, chosen in (("training", ~out), ("held_out", out)):
        np.testing.assert_array_equal(read_records(builder, side)[:], faces[chosen])
        np.testing.assert_array_equal(drawn[side]["skin"], skins[chosen])


@pytest.mark.parametrize("read", [read_records, read_photos])
def test_each_share_of_held_out_photos_has_files_of_its_own(builder, read):
    shares = [[read(builder, side, share) for side in SIDES] for share in (0.1, 0.4, 0.1)]
    for sides in shares:
        assert sum(map(len, sides)) == 50
    assert len(shares[0][1]) < len(shares[1][1])
    assert as_set(shares[0][1][:]) < as_set(shares[1][1][:])
    for one, other in zip(shares[0], shares[2]):
        assert one.digest() == other.digest()
    names = examples.people_and_names(builder)
    drawn = examples.attributes(builder, 0.4)
    for side, chosen in zip(SIDES, (~held_out(*names, 0.4), held_out(*names, 0.4))):
        faces = [face_attributes(int(name)) for name in np.array(names[1])[chosen]]
        np.testing.assert_array_equal(read(builder, side, 0.4)[:], draw_faces(faces, 8))
        assert drawn[side]["skin"].tolist() == [face["skin"] for face in faces]


def test_no_decoded_copy_is_made(builder):
    read_records(builder)
    assert not [name for name in os.listdir(builder.data_path) if ".rgb" in name]


@pytest.mark.parametrize("index", [-1, 50])
def test_an_index_out_of_range_is_an_error(builder, index):
    photos = read_records(builder)
    message = f"less than {len(photos)}, the number of photos. Received: {index}"
    with pytest.raises(IndexError, match=message):
        photos[[0, index]]


def test_a_truncated_record_file_is_an_error(builder):
    photos = read_records(builder)
    path = builder.info.splits["train"].filepaths[2]
    os.truncate(path, os.path.getsize(path) // 2)
    with pytest.raises(OSError, match="00002-of-00003 ends within the photo"):
        photos[:]


@pytest.mark.parametrize("share", [0.1, 0.2, 0.00001])
def test_temporary_files_of_a_killed_process_are_removed(builder, share):
    leftover = builder.data_path / f".{file_name('training', share)}.places.npy.77"
    leftover.write_bytes(b"half")
    read_records(builder)
    assert not leftover.exists()


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_records_in_an_object_store_contain_the_same_photos_as_local_ones(builder, bucket, share):
    remote_builder = drawn(bucket, 3)
    for side in SIDES:
        records = read_records(remote_builder, side, share)
        local = read_records(builder, side, share)
        np.testing.assert_array_equal(records[[3, 0, 3]], local[[3, 0, 3]])
        assert records.shard_counts.tolist() == local.shard_counts.tolist()
        decoded = read_photos(remote_builder, side, share)
        assert decoded.shape == local.shape
        np.testing.assert_array_equal(decoded[[3, 0, 3]], local[[3, 0, 3]])
        assert records.digest() == decoded.digest() == local.digest()
