import itertools

import numpy as np
import pytest
from PIL import Image

from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.batches.labels import read_labels
from tfgan_faces.data.batches.open_photos import open_photos
from tfgan_faces.data.records.preparation import prepare
from tfgan_faces.errors import UserError

BRIGHTNESS = {"dark": 20, "light": 200, "medium": 110}


@pytest.fixture
def builder(tmp_path):
    return prepared(tmp_path, {"dark": 30, "light": 20, "medium": 50})


def prepared(tmp_path, counts):
    """Returns the builder of plain photos, whose brightness tells the name of their folder."""
    for name, count in counts.items():
        folder = tmp_path / "photos" / name
        folder.mkdir(parents=True)
        for number in range(count):
            photo = Image.new("RGB", (8, 8), (BRIGHTNESS.get(name, 50),) * 3)
            photo.save(folder / f"{number:03d}.png")
    data = DataConfig(dataset="folder", data_dir=str(tmp_path / "photos"), image_size=8)
    return prepare(Config(data=data).resolved().data, str(tmp_path / "cache"), shards=7)


def names_of(photos):
    """Returns the name of each photo's folder."""
    names = {value: name for name, value in BRIGHTNESS.items()}
    return [names[int(photo[0, 0, 0])] for photo in photos]


@pytest.mark.parametrize(("cache", "share"), [("memory", 0.1), ("none", 0.4)])
def test_labels_are_the_folders_in_the_order_of_the_photos(builder, cache, share):
    labels = read_labels(builder, "folder", share)
    assert labels.names == ["dark", "light", "medium"]
    sides = labels.training, labels.held_out
    for photos, indices in zip(open_photos(builder, cache, share), sides, strict=True):
        assert [labels.names[index] for index in indices] == names_of(photos[:])
    counts = [list(labels.training).count(index) for index in range(3)]
    shares = dict(zip(labels.names, np.array(counts) / sum(counts)))
    assert labels.shares == pytest.approx(shares)
    assert len(labels.training) + len(labels.held_out) == 100


@pytest.mark.parametrize("cache", ["memory", "none"])
def test_photos_keep_their_labels_in_batches(builder, cache):
    labels = read_labels(builder, "folder", 0.1)
    photos, _ = open_photos(builder, cache, 0.1)
    photos.labels = labels.training
    shown = []
    for images, indices in itertools.islice(photos.batches(8, seed=3), 30):
        assert indices.dtype == np.int32
        assert [labels.names[index] for index in indices] == names_of(images.numpy())
        shown += indices.numpy().tolist()
    assert {*shown} == {0, 1, 2}


def test_labels_of_drawn_faces_are_an_attribute(tmp_path):
    data = Config(data=DataConfig(dataset="drawn", image_size=8)).resolved().data
    builder = prepare(data, str(tmp_path))
    labels = read_labels(builder, "glasses", 0.1)
    assert labels.names == ["no", "yes"]
    assert labels.shares["yes"] == pytest.approx(0.2, abs=0.02)  # as they are drawn
    assert read_labels(builder, "hair_colour", 0.1).names[3] == "blond"


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"only": 30}, "needs 2 to 19 folders.*Received: 1$"),
        ({f"person {number}": 2 for number in range(20)}, "needs 2 to 19 folders.*Received: 20$"),
        ({"some": 20, ".": 1}, "in a folder"),
    ],
)
def test_folders_that_are_no_labels_are_refused(tmp_path, counts, message):
    stray = counts.pop(".", 0)
    (tmp_path / "photos").mkdir()
    for number in range(stray):
        Image.new("RGB", (8, 8)).save(tmp_path / "photos" / f"{number}.png")
    with pytest.raises(UserError, match=message):
        read_labels(prepared(tmp_path, counts), "folder", 0.1)


def test_a_label_without_a_photo_to_train_on_is_refused(builder, monkeypatch):
    def all_of_a_label(folders, *_):
        return np.array([folder == "light" for folder in folders])

    monkeypatch.setattr("tfgan_faces.data.batches.labels.held_out", all_of_a_label)
    with pytest.raises(UserError, match="no photo to train on has the label light"):
        read_labels(builder, "folder", 0.1)
