import errno
import os

import pytest

from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.records.preparation import prepare
from tfgan_faces.data.sources import folders as folder_sources
from tfgan_faces.data.sources import patient_reading
from tfgan_faces.data.sources.patient_reading import read_patiently
from tfgan_faces.data.sources.photo import Photo
from tfgan_faces.errors import UserError


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The pauses that were made, none of which takes time."""
    made = []
    monkeypatch.setattr(patient_reading.time, "sleep", made.append)
    return made


def failing(number, times):
    """A reader that fails some times with an error of the system's."""
    left = [times]

    def read(photo):
        left[0] -= 1
        if left[0] >= 0:
            raise OSError(number, os.strerror(number))
        return photo.name.encode()

    return read


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.ESTALE, errno.ETIMEDOUT])
def test_what_fails_for_a_moment_is_read_again(pauses, number):
    assert read_patiently(failing(number, 3), Photo("a.jpg")) == b"a.jpg"
    assert pauses == [0.1, 1.0, 5.0]
    with pytest.raises(UserError, match=r"a.jpg could not be read in 4 tries .*try again"):
        read_patiently(failing(number, 4), Photo("a.jpg"))


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.ELOOP])
def test_what_stays_is_told_at_once(pauses, number):
    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        read_patiently(failing(number, 1), Photo("a.jpg"))
    assert caught.value.errno == number
    assert pauses == []


def test_a_preparation_ends_rather_than_leave_out_a_good_photo(photo_folder, tmp_path, monkeypatch):
    real = folder_sources._read

    def read(path, refusal):
        if path.endswith("Bob/1.jpg"):
            raise OSError(errno.EIO, "Input/output error")
        return real(path, refusal)

    config = Config(DataConfig("folder", data_dir=str(photo_folder), image_size=16)).resolved()
    with monkeypatch.context() as patch:
        patch.setattr(folder_sources, "_read", read)
        with pytest.raises(UserError, match=r"Bob/1.jpg could not be read in 4 tries"):
            prepare(config.data, str(tmp_path / "cache"))
    builder = prepare(config.data, str(tmp_path / "cache"))
    assert (builder.info.metadata["photos"], builder.info.metadata["skipped"]) == (9, [])
