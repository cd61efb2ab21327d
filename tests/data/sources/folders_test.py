import os

from etils import epath

from tests.data.reading import read_all
from tfgan_faces.data.sources.photo import HIDDEN
from tfgan_faces.data.sources.photo_sources import fingerprint, open_source


def test_a_folder_is_read_in_the_order_of_names(tmp_path):
    for name in ("b/2.jpg", "b/1.PNG", "a/3.webp", "a/notes.txt", ".hidden.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    assert list(read_all(tmp_path).items()) == [
        (".hidden.jpg", HIDDEN),
        ("a/3.webp", b"a/3.webp"),
        ("a/notes.txt", b"a/notes.txt"),  # rejected later, by its content
        ("b/1.PNG", b"b/1.PNG"),
        ("b/2.jpg", b"b/2.jpg"),
    ]


def test_links_to_folders_are_followed_and_hidden_folders_are_skipped(tmp_path):
    for name in ("in/Ann/1.jpg", "elsewhere/Bob/2.jpg", "in/.Trash-1000/files/3.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_bytes(b"photo")
    (tmp_path / "in" / "Bob").symlink_to(tmp_path / "elsewhere" / "Bob")
    assert read_all(tmp_path / "in") == {
        ".Trash-1000/": HIDDEN,
        "Ann/1.jpg": b"photo",
        "Bob/2.jpg": b"photo",
    }
    files = [name for name, _, _ in open_source(str(tmp_path / "in")).files()]
    assert files == ["Ann/1.jpg", "Bob/2.jpg"]


def test_loops_of_links_are_detected(tmp_path):
    """One link points to its own folder, another one leads back through an outside folder."""
    for name in ("in/Ann", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "1.jpg").write_bytes(b"photo")
    (tmp_path / "in" / "Ann" / "self").symlink_to(tmp_path / "in" / "Ann")
    (tmp_path / "in" / "away").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "in")
    loop = "is a link to a folder that contains it"
    assert read_all(tmp_path / "in") == {
        "Ann/1.jpg": b"photo",
        "Ann/self/": loop,
        "away/1.jpg": b"photo",
        "away/back/": loop,
    }


def test_a_dangling_link_is_reported_by_name(tmp_path):
    os.symlink(tmp_path / "gone.jpg", tmp_path / "link.jpg")
    assert "No such file" in read_all(tmp_path)["link.jpg"]


def in_store(bucket, folder):
    for path in folder.rglob("*"):
        if path.is_file():
            (epath.Path(bucket) / path.relative_to(folder)).write_bytes(path.read_bytes())
    return bucket


def test_a_folder_in_an_object_store_is_read_in_the_same_order(tmp_path, bucket):
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
    local = read_all(tmp_path / "photos")
    photos = ["c.jpg", "a/3.webp", "a/notes.txt", "a b/4.jpg", "b/1.PNG", "b/2.jpg"]
    assert list(local) == [".hidden.jpg", *photos]
    remote = in_store(bucket, tmp_path / "photos")
    assert list(read_all(remote).items()) == list(local.items())
    files = list(open_source(remote).files())
    assert [(name, size) for name, size, _ in files] == [(name, len(name)) for name in photos]
    before = fingerprint(open_source(remote))
    assert before == fingerprint(open_source(remote))
    (epath.Path(remote) / "c.jpg").write_bytes(b"other")
    assert before != fingerprint(open_source(remote))
