import io
import os
import pickle
import tarfile
import tempfile
import zipfile

import pytest
from etils import epath

from tfgan_faces.data.photo_sources import fingerprint, is_photo, open_source
from tfgan_faces.errors import UserError


def read_all(path):
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        source = open_source(str(path)).seekable(scratch)
        photos = list(source.photos())
        with pickle.loads(pickle.dumps(source)).reader() as read:  # as Beam's workers get it
            for photo in reversed(photos):  # in any order
                try:
                    found[photo.name] = read(photo)
                except OSError as error:
                    found[photo.name] = str(error)
    return dict(reversed(found.items()))


def write_tar(path, members):
    with tarfile.open(path, "w" if path.suffix == ".tar" else "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            if content is None:
                member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))


def test_folder_is_read_in_the_order_of_names(tmp_path):
    for name in ("b/2.jpg", "b/1.PNG", "a/3.webp", "a/notes.txt", ".hidden.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    assert list(read_all(tmp_path).items()) == [
        ("a/3.webp", b"a/3.webp"),
        ("b/1.PNG", b"b/1.PNG"),
        ("b/2.jpg", b"b/2.jpg"),
    ]


def test_dangling_link_is_reported_by_name(tmp_path):
    os.symlink(tmp_path / "gone.jpg", tmp_path / "link.jpg")
    assert "No such file" in read_all(tmp_path)["link.jpg"]


@pytest.mark.parametrize("name", ["a.tgz", "a.tar"])
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


@pytest.mark.parametrize("name", ["a.tgz", "a.tar", "a.zip"])
def test_broken_archive_is_one_clear_error(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"not an archive at all")
    with pytest.raises(UserError, match=f"--data_dir: the archive .*{name} cannot be read"):
        read_all(path)


def test_truncated_archive_is_one_clear_error(tmp_path):
    path = tmp_path / "a.tgz"
    write_tar(path, {f"{i}.jpg": os.urandom(1000) for i in range(20)})
    path.write_bytes(path.read_bytes()[:8000])
    with pytest.raises(UserError, match="cannot be read"):
        read_all(path)


def test_missing_path_and_unknown_kind(tmp_path):
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


@pytest.mark.parametrize(
    ("name", "expected"), [("a.JPEG", True), ("a.gif", True), ("a.txt", False), ("._a.jpg", False)]
)
def test_photos_are_known_by_their_ending(name, expected):
    assert is_photo(name) == expected


def in_store(bucket, folder):
    for path in folder.rglob("*"):
        if path.is_file():
            (epath.Path(bucket) / path.relative_to(folder)).write_bytes(path.read_bytes())
    return bucket


def test_a_folder_in_a_store_is_read_in_the_same_order(tmp_path, bucket):
    for name in (
        "b/2.jpg",
        "b/1.PNG",
        "a/3.webp",
        "a/notes.txt",
        ".hidden.jpg",
        "c.jpg",
        "a b/4.jpg",
    ):
        (tmp_path / "photos" / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / "photos" / name).write_bytes(name.encode())
    here = read_all(tmp_path / "photos")
    assert list(here) == ["c.jpg", "a/3.webp", "a b/4.jpg", "b/1.PNG", "b/2.jpg"]
    there = in_store(bucket, tmp_path / "photos")
    assert list(read_all(there).items()) == list(here.items())
    files = list(open_source(there).files())
    assert [(name, size) for name, size, _ in files] == [(name, len(name)) for name in here]
    before = fingerprint(open_source(there))
    assert before == fingerprint(open_source(there))
    (epath.Path(there) / "c.jpg").write_bytes(b"other")
    assert before != fingerprint(open_source(there))


@pytest.mark.parametrize("name", ["a.tgz", "a.tar", "a.zip"])
def test_archives_in_a_store_are_read(tmp_path, bucket, name):
    members = {"x/1.jpg": b"one", "x/2.jpg": b"two"}
    if name == "a.zip":
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)
    else:
        write_tar(tmp_path / name, members)
    path = epath.Path(bucket) / name
    path.write_bytes((tmp_path / name).read_bytes())
    assert read_all(path) == members
    before = fingerprint(open_source(str(path)))
    path.write_bytes((tmp_path / name).read_bytes())  # later
    assert before != fingerprint(open_source(str(path)))


def test_a_broken_archive_in_a_store_is_one_clear_error(bucket):
    path = epath.Path(bucket) / "a.tgz"
    path.write_bytes(b"no archive")
    with pytest.raises(UserError, match=f"the archive {path} cannot be read"):
        read_all(path)
