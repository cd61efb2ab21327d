import os
import pwd

import pytest

from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.batches.pipeline import read_photos
from tfgan_faces.data.records.preparation import prepare
from tfgan_faces.errors import UserError
from tfgan_faces.machine.nameless_users import naming_by_number
from tfgan_faces.storage.paths import expanded


@pytest.fixture
def nameless(monkeypatch):
    """Nobody has a name, as in a container that was started with a number."""

    def unknown(number):
        raise KeyError(f"uid not found: {number}")

    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.setattr("grp.getgrgid", unknown)


@pytest.mark.usefixtures("nameless")
def test_a_number_stands_for_the_name_meanwhile():
    with naming_by_number():
        assert pwd.getpwuid(12345).pw_name == "12345"
    with pytest.raises(KeyError):
        pwd.getpwuid(12345)


def test_names_that_there_are_stay():
    with naming_by_number():
        assert pwd.getpwuid(0).pw_name == "root"


@pytest.mark.usefixtures("nameless")
def test_photos_are_prepared_and_read_without_a_name(photo_folder, tmp_path):
    config = Config(DataConfig("folder", data_dir=str(photo_folder), image_size=16)).resolved()
    builder = prepare(config.data, str(tmp_path / "cache"))
    assert sum(len(read_photos(builder, side)) for side in ("training", "held_out")) == 9


@pytest.mark.usefixtures("nameless")
def test_without_a_home_folder_a_path_in_it_is_refused(monkeypatch):
    monkeypatch.delenv("HOME")
    with pytest.raises(UserError, match="no home folder.*Set HOME"):
        expanded("~/.cache/tfgan_faces")
    assert expanded("here/~") == "here/~"
    assert not os.path.exists("~")
