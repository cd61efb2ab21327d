import pytest

from tfgan_faces.data.sources.photo import HIDDEN, Photo, hidden_part, is_hidden, unless_hidden


@pytest.mark.parametrize("name", [".a.jpg", "._a.jpg", "Thumbs.db", "__MACOSX", "$RECYCLE.BIN"])
def test_hidden_files_and_system_files_are_skipped_by_name(name):
    assert is_hidden(name)


@pytest.mark.parametrize("name", ["a.jpg", "a", "MACOSX", "Ann B."])
def test_other_files_are_not_skipped(name):
    assert not is_hidden(name)


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("a/b.jpg", None),
        ("../a.jpg", None),
        ("a/.b.jpg", "a/.b.jpg"),
        (".Trash-1000/files/a.jpg", ".Trash-1000/"),
        ("a/__MACOSX/b/._c.jpg", "a/__MACOSX/"),
    ],
)
def test_the_hidden_part_of_a_path_ends_at_its_first_hidden_name(path, part):
    assert hidden_part(path) == part


def test_a_hidden_folder_is_reported_once():
    reported = set()
    found = [unless_hidden(Photo(name), reported) for name in (".a/1.jpg", "b.jpg", ".a/2.jpg")]
    assert found == [Photo(".a/", refusal=HIDDEN), Photo("b.jpg"), None]
