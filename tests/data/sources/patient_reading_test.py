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
    """Records pauses instead of sleeping."""
    recorded = []
    monkeypatch.setattr(patient_reading.time, "sleep", recorded.append)
    return recorded


def failing(number, times):
    """Returns a reader that fails a number of times with a system error."""
    remaining = [times]

    def read(photo):
        remaining[0] -= 1
        if remaining[0] >= 0:
            raise OSError(number, os.strerror(number))
        return photo.name.encode()

    return read


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.ESTALE, errno.ETIMEDOUT])
def test_reading_is_retried_after_temporary_errors(pauses, number):
    assert read_patiently(failing(number, 3), Photo("a.jpg")) == b"a.jpg"
    assert pauses == [0.1, 1.0, 5.0]
    with pytest.raises(UserError, match=r"a.jpg could not be read in 4 attempts .*Try again"):
        read_patiently(failing(number, 4), Photo("a.jpg"))


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.ELOOP])
def test_permanent_errors_are_raised_without_a_retry(pauses, number):
    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        read_patiently(failing(number, 1), Photo("a.jpg"))
    assert caught.value.errno == number
    assert pauses == []


def test_preparation_fails_rather_than_skip_a_valid_photo(photo_folder, tmp_path, monkeypatch):
    real = folder_sources._read

    def read(path, refusal):
        if path.endswith("Bob/1.jpg"):
            raise OSError(errno.EIO, "Input/output error")
        return real(path, refusal)

    config = Config(DataConfig("folder", data_dir=str(photo_folder), image_size=16)).resolved()
    with monkeypatch.context() as patch:
        patch.setattr(folder_sources, "_read", read)
        with pytest.raises(UserError, match=r"Bob/1.jpg could not be read in 4 attempts"):
            prepare(config.data, str(tmp_path / "cache"))
    builder = prepare(config.data, str(tmp_path / "cache"))
    assert (builder.info.metadata["photos"], builder.info.metadata["skipped"]) == (9, [])
