import io
import os
import tarfile
import zipfile

import pytest
from etils import epath

from tests.data.reading import read_all
from tfgan_faces.data.sources.photo_sources import fingerprint, open_source
from tfgan_faces.errors import UserError


def write_tar(path, members):
    kinds = {".tar": "w", ".bz2": "w:bz2", ".xz": "w:xz"}
    with tarfile.open(path, kinds.get(path.suffix, "w:gz")) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            if content is None:
                member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize("name", ["a.tgz", "a.tar", "a.tar.bz2", "a.tar.xz"])
def test_tar_members_that_are_links_or_point_outside_are_refused(tmp_path, name):
    path = tmp_path / name
    write_tar(path, {"x/1.jpg": b"one", "../2.jpg": b"two", "/3.jpg": b"three", "x/4.jpg": None})
    assert read_all(path) == {
        "x/1.jpg": b"one",
        "../2.jpg": "points outside the archive",
        "/3.jpg": "points outside the archive",
        "x/4.jpg": "is a link or device, not a file",
    }


def test_zip_members_that_point_outside_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/1.jpg", b"one")
        archive.writestr("../2.jpg", b"two")
        archive.writestr("C:\\3.jpg", b"three")
    outside = "points outside the archive"
    assert list(read_all(path).values()) == [b"one", outside, outside]


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_an_entry_for_the_archives_own_folder_is_ignored(tmp_path, name):
    path = tmp_path / name
    if name == "a.zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("./", b"")
            archive.writestr("./x/1.jpg", b"one")
    else:
        (tmp_path / "photos" / "x").mkdir(parents=True)
        (tmp_path / "photos" / "x" / "1.jpg").write_bytes(b"one")
        with tarfile.open(path, "w") as archive:
            archive.add(tmp_path / "photos", ".")
    assert list(read_all(path).values()) == [b"one"]


def test_folders_in_zips_made_on_windows_are_recognised(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photos\\Ann\\", b"")
        archive.writestr("photos\\Ann\\1.jpg", b"one")
    assert read_all(path) == {"photos/Ann/1.jpg": b"one"}


@pytest.mark.parametrize("name", ["a.tgz", "a.tar", "a.zip", "a.tar.bz2", "a.tar.xz"])
def test_a_damaged_archive_is_reported_by_name(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"not an archive at all")
    with pytest.raises(UserError, match=f"--data_dir: the archive .*{name} cannot be read"):
        read_all(path)


@pytest.mark.parametrize("name", ["a.tgz", "a.tar.bz2", "a.tar.xz"])
def test_a_truncated_archive_is_reported(tmp_path, name):
    path = tmp_path / name
    write_tar(path, {f"{i}.jpg": os.urandom(1000) for i in range(20)})
    path.write_bytes(path.read_bytes()[:8000])
    with pytest.raises(UserError, match="cannot be read"):
        read_all(path)


def put_archive(path, members):
    """Writes a zip or tar archive, depending on the suffix of `path`."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)
    else:
        write_tar(path, members)


@pytest.mark.parametrize("name", ["a.tgz", "a.tar", "a.zip"])
def test_archives_in_an_object_store_are_read_from_a_local_copy(tmp_path, bucket, name):
    members = {"x/1.jpg": b"one", "x/2.jpg": b"two"}
    put_archive(tmp_path / name, members)
    path = epath.Path(bucket) / name
    path.write_bytes((tmp_path / name).read_bytes())
    (tmp_path / "copies").mkdir()
    assert open_source(str(path)).seekable(str(tmp_path / "copies")).path.startswith(str(tmp_path))
    assert read_all(path) == members
    before = fingerprint(open_source(str(path)))
    path.write_bytes((tmp_path / name).read_bytes())  # with a later modification time
    assert before != fingerprint(open_source(str(path)))


@pytest.mark.parametrize("name", ["a.tar", "a.zip"])
def test_workers_read_archives_in_an_object_store_in_place(tmp_path, bucket, name):
    members = {"x/1.jpg": b"one", "x/2.jpg": b"two"}
    put_archive(tmp_path / name, members)
    path = epath.Path(bucket) / name
    path.write_bytes((tmp_path / name).read_bytes())
    source = open_source(str(path)).seekable(bucket)
    assert source.path == str(path)
    photos = list(source.photos())
    with source.reader() as read:
        assert {photo.name: read(photo) for photo in photos} == members


def test_a_damaged_archive_in_an_object_store_is_reported_by_name(bucket):
    path = epath.Path(bucket) / "a.tgz"
    path.write_bytes(b"no archive")
    with pytest.raises(UserError, match=f"the archive {path} cannot be read"):
        read_all(path)
