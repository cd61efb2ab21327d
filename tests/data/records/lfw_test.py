import shutil
import tarfile

import pytest
import tensorflow_datasets as tfds

from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.records import lfw
from tfgan_faces.data.records.preparation import prepare
from tfgan_faces.errors import UserError


def data():
    return Config(DataConfig("lfw", image_size=16)).resolved().data


def test_downloads_are_checked_by_size_and_checksum():
    infos = [lfw.Lfw.url_infos[url] for url in lfw.URLS]
    assert {info.size for info in infos} == {243346528}
    (checksum,) = {info.checksum for info in infos}
    assert checksum.startswith("b47c8422")
    assert len(checksum) == 64


def test_second_mirror_is_asked_and_its_archive_read(photo_folder, tmp_path, monkeypatch):
    """TFDS keeps a download under a name of its own, without the archive's ending."""
    with tarfile.open(tmp_path / "lfw.tgz", "w:gz") as archive:
        archive.add(photo_folder, "lfw_funneled")
    kept = shutil.copy(tmp_path / "lfw.tgz", tmp_path / "figshare.com_files_5976015abc")
    asked = []

    def download(self, url):
        asked.append(url)
        if len(asked) == 1:
            raise ConnectionError("no route to host")
        return kept

    monkeypatch.setattr(tfds.download.DownloadManager, "download", download)
    builder = prepare(data(), tmp_path / "cache")
    assert builder.info.metadata["photos"] == 9
    assert tuple(asked) == lfw.URLS


def test_without_a_network_the_message_says_what_to_do(tmp_path, monkeypatch):
    def no_network(self, url):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(tfds.download.DownloadManager, "download", no_network)
    with pytest.raises(UserError, match="no route to host.*--dataset=lfw --data_dir=PATH"):
        prepare(data(), tmp_path)
