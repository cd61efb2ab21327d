import io
import shutil
import tarfile
import zipfile

import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from etils import epath
from PIL import Image
from tensorflow_datasets.core import hashing

from tests.programs import Forked
from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.batches.examples import people_and_names
from tfgan_faces.data.batches.open_photos import read_photos
from tfgan_faces.data.records.beam import runner_and_options
from tfgan_faces.data.records.preparation import build, prepare
from tfgan_faces.data.records.synthetic_faces import SyntheticFaces
from tfgan_faces.errors import UserError

# DirectRunner falls back to this runner if it cannot download another one.
BEAM = "FnApiRunner"


@pytest.fixture
def made(tmp_path):
    """Returns a function that prepares a folder or archive in a new cache each time."""
    caches = iter(range(100))

    def make(path, **settings):
        data = Config(DataConfig("folder", str(path), image_size=16)).resolved().data
        cache = str(tmp_path / f"cache{next(caches)}")
        prepare(data, cache, **settings)
        return build(data, cache)  # as read back from the disk

    return make


def files(builder):
    """Returns the contents of the record files, in order."""
    return [epath.Path(path).read_bytes() for path in builder.info.splits["train"].filepaths]


def records(builder):
    """Returns the bytes of all records, file by file."""
    paths = [str(path) for path in builder.info.splits["train"].filepaths]
    return [record.numpy() for record in tf.data.TFRecordDataset(paths)]


def jpeg(color):
    content = io.BytesIO()
    Image.new("RGB", (20, 20), color).save(content, "JPEG")
    return content.getvalue()


def write_zip(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)


def write_tar(path, members):
    with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize("beam_runner", [None, BEAM])
@pytest.mark.parametrize("name", ["photos", "photos.tgz"])
def test_the_same_bytes_are_written_to_an_object_store(
    made, photo_folder, bucket, beam_runner, name
):
    archive = photo_folder.parent / "photos.tgz"
    shutil.make_archive(archive.with_suffix(""), "gztar", photo_folder)
    archive.with_suffix(".tar.gz").rename(archive)
    for path in (archive, *photo_folder.rglob("*.jpg")):
        copy = epath.Path(bucket) / path.relative_to(photo_folder.parent)
        copy.write_bytes(path.read_bytes())
    data = Config(DataConfig("folder", f"{bucket}/{name}", image_size=16)).resolved().data
    remote = prepare(data, f"{bucket}/cache", beam_runner=beam_runner, shards=3)
    assert files(remote) == files(made(photo_folder.parent / name, shards=3))


@pytest.mark.parametrize("shards", [1, 3, 7])
def test_beam_writes_the_same_bytes(made, photo_folder, shards):
    local, beam = (made(photo_folder, shards=shards, beam_runner=runner) for runner in (None, BEAM))
    assert len(files(beam)) == shards
    assert files(beam) == files(local)
    assert records(beam) == records(made(photo_folder))
    suffixes = {path.suffix for path in beam.data_path.iterdir() if "tfrecord" not in path.name}
    assert suffixes == {".json"}
    assert not list(beam.data_path.glob("*.shard_infos.json"))


def test_another_process_writes_the_same_bytes(made, photo_folder, tmp_path):
    data = Config(DataConfig("folder", str(photo_folder), image_size=16)).resolved().data
    with Forked(prepare, data, str(tmp_path / "other")) as process:
        assert process.wait() == 0, process.output
    (path,) = (tmp_path / "other").rglob("*.tfrecord-00000-of-00001")
    assert files(made(photo_folder)) == [path.read_bytes()]


def test_records_are_sorted_by_the_hash_of_their_names_as_tfds_does(made, photo_folder):
    """The order is the same as in versions without shards, so photo files do not change."""
    names = [str(path.relative_to(photo_folder)) for path in photo_folder.rglob("*.jpg")]
    expected = sorted(names, key=hashing.Hasher("train").hash_key)
    assert people_and_names(made(photo_folder, shards=4))[1] == expected


def test_photo_files_are_the_same_with_and_without_beam(made, photo_folder):
    local, beam = made(photo_folder), made(photo_folder, beam_runner=BEAM, shards=5)
    for people in ("training", "held_out"):
        assert read_photos(beam, people).digest() == read_photos(local, people).digest()


def test_photo_files_are_the_same_for_any_number_of_shards(tmp_path):
    """By default, TFDS interleaves files in blocks of 16 records."""
    digests = set()
    for shards in (1, 3):
        builder = SyntheticFaces.of(8, tmp_path / str(shards), count=100)
        config = tfds.download.DownloadConfig(num_shards=shards)
        builder.download_and_prepare(download_config=config)
        digests.add(tuple(read_photos(builder, side).digest() for side in ("training", "held_out")))
    assert len(digests) == 1


def test_drawn_faces_are_the_same_with_and_without_beam(tmp_path):
    builders = [SyntheticFaces.of(16, tmp_path / str(number), count=50) for number in range(2)]
    builders[0].download_and_prepare()
    runner, options = runner_and_options(BEAM, None)
    config = tfds.download.DownloadConfig(beam_runner=runner, beam_options=options, num_shards=3)
    builders[1].download_and_prepare(download_config=config)
    assert len(records(builders[0])) == 50
    assert records(builders[0]) == records(builders[1])


@pytest.mark.parametrize("beam_runner", [None, BEAM])
def test_more_shards_than_photos_and_shards_without_records(made, photo_folder, beam_runner):
    """The twelve files are divided into twelve shards, three of which are empty."""
    for person in ("Ann", "Bob", "Cy d"):
        (photo_folder / person / "broken.png").write_text("no photo")
    builder = made(photo_folder, shards=20, beam_runner=beam_runner)
    lengths = builder.info.splits["train"].shard_lengths
    assert len(lengths) == 12
    assert sorted(lengths) == [0] * 3 + [1] * 9
    counts = [sum(1 for _ in tf.data.TFRecordDataset(str(path)))
              for path in builder.info.splits["train"].filepaths]  # fmt: skip
    assert lengths == counts  # TFDS sorts more than ten lengths wrongly
    assert [skip["file"] for skip in builder.info.metadata["skipped"]] == [
        "Ann/broken.png",
        "Bob/broken.png",
        "Cy d/broken.png",
    ]
    assert len(read_photos(builder)) + len(read_photos(builder, "held_out")) == 9
    assert len(people_and_names(builder)[1]) == 9


@pytest.mark.parametrize("beam_runner", [None, BEAM])
@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tgz"])
def test_archives_give_the_same_records_and_reasons(made, tmp_path, name, beam_runner):
    members = [
        ("Bob/red.jpg", jpeg("red")),
        ("../blue.jpg", jpeg("blue")),
        ("Ann/text.jpg", b"no photo"),
        ("Bob/red.jpg", jpeg("green")),
        ("Ann/white.jpg", jpeg("white")),
    ]
    write = write_zip if name == "a.zip" else write_tar
    write(tmp_path / name, members)
    builder = made(tmp_path / name, shards=2, beam_runner=beam_runner)
    assert builder.info.metadata["skipped"] == [
        {"file": "../blue.jpg", "reason": "points outside the archive"},
        {"file": "Ann/text.jpg", "reason": "is not a photo that can be read"},
        {"file": "Bob/red.jpg", "reason": "appears twice in the archive"},
    ]
    folder = tmp_path / "folder"
    for name, content in (members[0], members[4]):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(content)
    assert records(builder) == records(made(folder))
    assert not [path for path in builder.data_path.iterdir() if path.is_dir()]


def test_failed_preparation_leaves_no_files(made, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"x")
    for beam_runner in (None, BEAM):
        with pytest.raises(UserError, match="none of the 1 files.*a.jpg: is not a photo"):
            made(tmp_path / "photos", beam_runner=beam_runner)
    shutil.rmtree(tmp_path / "photos")
    assert not [path for path in tmp_path.rglob("*") if path.suffix == ".json"]
