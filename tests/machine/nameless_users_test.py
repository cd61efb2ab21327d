import os
import pwd

import pytest

from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.batches.open_photos import read_photos
from tfgan_faces.data.records.preparation import prepare
from tfgan_faces.errors import UserError
from tfgan_faces.machine.nameless_users import naming_by_number
from tfgan_faces.storage.paths import expanded


@pytest.fixture
def nameless(monkeypatch):
    """No user has a name, as in a container started with a numeric user id."""

    def unknown(number):
        raise KeyError(f"uid not found: {number}")

    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.setattr("grp.getgrgid", unknown)


@pytest.mark.usefixtures("nameless")
def test_the_number_temporarily_replaces_a_missing_name():
    with naming_by_number():
        assert pwd.getpwuid(12345).pw_name == "12345"
    with pytest.raises(KeyError):
        pwd.getpwuid(12345)


def test_existing_names_are_kept():
    with naming_by_number():
        assert pwd.getpwuid(0).pw_name == "root"


@pytest.mark.usefixtures("nameless")
def test_photos_are_prepared_and_read_by_a_nameless_user(photo_folder, tmp_path):
    config = Config(DataConfig("folder", data_dir=str(photo_folder), image_size=16)).resolved()
    builder = prepare(config.data, str(tmp_path / "cache"))
    assert sum(len(read_photos(builder, side)) for side in ("training", "held_out")) == 9


@pytest.mark.usefixtures("nameless")
def test_a_path_in_an_unknown_home_folder_is_rejected(monkeypatch):
    monkeypatch.delenv("HOME")
    with pytest.raises(UserError, match="home folder of this user is unknown.*Set HOME"):
        expanded("~/.cache/tfgan_faces")
    assert expanded("here/~") == "here/~"
    assert not os.path.exists("~")
