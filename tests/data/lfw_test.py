import pytest
import tensorflow_datasets as tfds

from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data import lfw
from tfgan_faces.data.preparation import prepare
from tfgan_faces.errors import UserError


def test_download_is_checked_by_size_and_checksum():
    info = lfw.Lfw.url_infos[lfw.URL]
    assert info.size == 243346528
    assert info.checksum.startswith("b47c8422")
    assert len(info.checksum) == 64


def test_without_a_network_the_message_says_what_to_do(tmp_path, monkeypatch):
    def no_network(self, url):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(tfds.download.DownloadManager, "download", no_network)
    with pytest.raises(UserError, match="no route to host.*--dataset=lfw --data_dir=PATH"):
        prepare(Config(DataConfig("lfw")).resolved().data, tmp_path)
