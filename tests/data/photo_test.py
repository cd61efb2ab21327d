import pytest

from tfgan_faces.data.photo import is_photo


@pytest.mark.parametrize(
    ("name", "expected"), [("a.JPEG", True), ("a.gif", True), ("a.txt", False), ("._a.jpg", False)]
)
def test_photos_are_known_by_their_ending(name, expected):
    assert is_photo(name) == expected
