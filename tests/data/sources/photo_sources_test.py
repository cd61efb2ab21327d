import os

import pytest

from tfgan_faces.data.sources.photo_sources import fingerprint, open_source
from tfgan_faces.errors import UserError


def test_a_missing_path_and_an_unsupported_file_are_refused(tmp_path):
    with pytest.raises(UserError, match="no folder or archive"):
        open_source(str(tmp_path / "nowhere"))
    (tmp_path / "photos.rar").write_bytes(b"")
    with pytest.raises(UserError, match="must be a folder, or an archive.*Received:.*rar"):
        open_source(str(tmp_path / "photos.rar"))


def test_fingerprint_changes_with_path_size_time_and_settings(tmp_path):
    path = tmp_path / "1.jpg"
    path.write_bytes(b"one")
    seen = [fingerprint(open_source(str(tmp_path)), 32)]
    assert fingerprint(open_source(str(tmp_path)), 32) == seen[0]
    seen.append(fingerprint(open_source(str(tmp_path)), 64))
    os.utime(path, ns=(1, 1))
    seen.append(fingerprint(open_source(str(tmp_path)), 32))
    path.write_bytes(b"longer")
    os.utime(path, ns=(1, 1))
    seen.append(fingerprint(open_source(str(tmp_path)), 32))
    path.rename(tmp_path / "2.jpg")
    seen.append(fingerprint(open_source(str(tmp_path)), 32))
    assert len(set(seen)) == 5
