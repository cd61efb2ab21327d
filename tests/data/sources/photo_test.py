import pytest

from tfgan_faces.data.sources.photo import HIDDEN, Photo, hidden_part, is_hidden, unless_hidden


@pytest.mark.parametrize("name", [".a.jpg", "._a.jpg", "Thumbs.db", "__MACOSX", "$RECYCLE.BIN"])
def test_hidden_files_and_the_systems_own_are_left_out_by_their_names(name):
    assert is_hidden(name)


@pytest.mark.parametrize("name", ["a.jpg", "a", "MACOSX", "Ann B."])
def test_others_are_not(name):
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
def test_a_path_is_hidden_from_its_first_hidden_part_on(path, part):
    assert hidden_part(path) == part


def test_a_hidden_folder_is_reported_once():
    reported = set()
    found = [unless_hidden(Photo(name), reported) for name in (".a/1.jpg", "b.jpg", ".a/2.jpg")]
    assert found == [Photo(".a/", refusal=HIDDEN), Photo("b.jpg"), None]
