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


def test_downloads_have_a_known_size_and_checksum():
    infos = [lfw.Lfw.url_infos[url] for url in lfw.URLS]
    assert {info.size for info in infos} == {243346528}
    (checksum,) = {info.checksum for info in infos}
    assert checksum.startswith("b47c8422")
    assert len(checksum) == 64


def test_the_second_mirror_is_used_if_the_first_one_fails(photo_folder, tmp_path, monkeypatch):
    """TFDS stores a download under another name, without the archive's suffix."""
    with tarfile.open(tmp_path / "lfw.tgz", "w:gz") as archive:
        archive.add(photo_folder, "lfw_funneled")
    downloaded = shutil.copy(tmp_path / "lfw.tgz", tmp_path / "figshare.com_files_5976015abc")
    requested = []

    def download(self, url):
        requested.append(url)
        if len(requested) == 1:
            raise ConnectionError("no route to host")
        return downloaded

    monkeypatch.setattr(tfds.download.DownloadManager, "download", download)
    builder = prepare(data(), tmp_path / "cache")
    assert builder.info.metadata["photos"] == 9
    assert tuple(requested) == lfw.URLS


def test_without_a_network_the_error_names_the_flags_for_a_local_archive(tmp_path, monkeypatch):
    def no_network(self, url):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(tfds.download.DownloadManager, "download", no_network)
    with pytest.raises(UserError, match="no route to host.*--dataset=lfw --data_dir=PATH"):
        prepare(data(), tmp_path)
