import importlib.util
import io
import json

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from PIL import Image
from pyarrow import parquet

from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.records.preparation import prepare
from tfgan_faces.data.sources.photo_sources import open_source
from tfgan_faces.errors import UserError

IMAGES = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def photo(value):
    buffer = io.BytesIO()
    Image.fromarray(np.full((20, 20, 3), value, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def write(path, contents, labels=None, names=None):
    """Writes a file as Hugging Face's `datasets` does."""
    rows = [{"bytes": content, "path": None} for content in contents]
    columns = {"image": pa.array(rows, IMAGES)}
    if labels is not None:
        columns["label"] = pa.array(labels)
    table = pa.table(columns)
    if names:
        features = {"image": {"_type": "Image"}, "label": {"names": names, "_type": "ClassLabel"}}
        metadata = {"huggingface": json.dumps({"info": {"features": features}})}
        table = table.replace_schema_metadata(metadata)
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(table, path, row_group_size=2)


@pytest.mark.parametrize("place", [".", "data"])
def test_every_row_is_a_photo_with_its_label_as_folder(tmp_path, place):
    write(tmp_path / place / "train-1.parquet", [photo(9)], [1], ["calm", "a/b"])
    contents = [photo(value) for value in (10, 20, 30)]
    write(tmp_path / place / "train-0.parquet", contents, [0, 1, 0], ["calm", "a/b"])
    (tmp_path / "README.md").write_text("a card")
    found = [(photo.name, read()) for photo, read in open_source(str(tmp_path)).members()]
    assert found == [
        ("calm/train-0-000000", photo(10)),
        ("a_b/train-0-000001", photo(20)),
        ("calm/train-0-000002", photo(30)),
        ("a_b/train-1-000000", photo(9)),
    ]


def test_records_contain_the_photos_and_report_the_others(tmp_path):
    write(
        tmp_path / "d" / "x.parquet",
        [photo(10), b"no photo", None, photo(40)],
        ["u", "u", "v", "v"],
    )
    config = Config(DataConfig("folder", str(tmp_path / "d"), image_size=16)).resolved()
    builder = prepare(config.data, tmp_path / "cache")
    records = list(builder.as_dataset(split="train").as_numpy_iterator())
    found = {(r["name"].decode(), r["label"].decode(), int(r["image"].mean())) for r in records}
    assert found == {("u/x-000000", "u", 10), ("v/x-000003", "v", 40)}
    skipped = {row["file"]: row["reason"] for row in builder.info.metadata["skipped"]}
    assert skipped == {
        "u/x-000001": "is not a photo that can be read",
        "v/x-000002": "has no bytes",
    }


def test_a_single_file_without_labels(tmp_path):
    write(tmp_path / "x.parquet", [photo(10)])
    source = open_source(str(tmp_path / "x.parquet"))
    assert [photo.name for photo in source.photos()] == ["x-000000"]
    assert next(source.files())[0] == "x.parquet"


def test_tables_without_images_and_damaged_files_are_refused(tmp_path):
    parquet.write_table(pa.table({"text": ["a"]}), tmp_path / "t.parquet")
    with pytest.raises(UserError, match="has no column of images.*Received: the columns text"):
        list(open_source(str(tmp_path / "t.parquet")).photos())
    (tmp_path / "t.parquet").write_bytes(b"PAR1 damaged PAR1")
    with pytest.raises(UserError, match="t.parquet cannot be read"):
        list(open_source(str(tmp_path / "t.parquet")).photos())


def test_a_missing_extra_is_named(tmp_path, monkeypatch):
    write(tmp_path / "x.parquet", [photo(10)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'tfgan_faces\[parquet\]'"):
        open_source(str(tmp_path))


def test_an_object_store(tmp_path, bucket):
    write(tmp_path / "x.parquet", [photo(10), photo(20)], ["u", "v"])
    remote = f"{bucket}/set/x.parquet"
    tf.io.gfile.makedirs(f"{bucket}/set")
    with tf.io.gfile.GFile(remote, "wb") as file:
        file.write((tmp_path / "x.parquet").read_bytes())
    for path in (f"{bucket}/set", remote):
        found = [(photo.name, read()) for photo, read in open_source(path).members()]
        assert found == [("u/x-000000", photo(10)), ("v/x-000001", photo(20))]


def test_a_folder_with_photos_and_a_table_is_a_folder_of_photos(tmp_path):
    write(tmp_path / "metadata.parquet", [photo(1)])
    (tmp_path / "a.png").write_bytes(photo(2))
    assert [found.name for found in open_source(str(tmp_path)).photos()] == [
        "a.png",
        "metadata.parquet",
    ]


def test_hidden_files_and_folders_are_no_tables(tmp_path):
    write(tmp_path / "x.parquet", [photo(1)])
    (tmp_path / "._x.parquet").write_bytes(b"from a Mac")
    assert [found.name for found in open_source(str(tmp_path)).photos()] == ["x-000000"]


def test_lists_of_labels_are_not_used(tmp_path):
    write(tmp_path / "x.parquet", [photo(1)], [[1, 5]])
    assert [found.name for found in open_source(str(tmp_path)).photos()] == ["x-000000"]
