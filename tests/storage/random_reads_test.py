import pytest
from etils import epath

from tfgan_faces.machine.threads import in_threads
from tfgan_faces.storage.random_reads import reading_at, size_and_time

CONTENT = bytes(range(256)) * 5000  # longer than what TensorFlow reads ahead


@pytest.fixture(params=["disk", "store"])
def path(request, tmp_path):
    path = tmp_path / "a" if request.param == "disk" else f"{request.getfixturevalue('bucket')}/a"
    epath.Path(path).write_bytes(CONTENT)
    return str(path)


def test_several_threads_can_read(path):
    firsts = [0, 1_000_000, 7, 600_000, 1_279_995] * 4
    with reading_at(path) as read:
        found = in_threads(lambda first: read(first, 10), zip(firsts, firsts), workers=4)
        for first, part in found:
            assert part() == CONTENT[first : first + 10]


def test_size_and_time_reflect_the_last_change(path):
    size, before = size_and_time(path)
    assert size == len(CONTENT)
    epath.Path(path).write_bytes(b"new")
    size, after = size_and_time(path)
    assert size == 3
    assert after > before > 1_700_000_000 * 10**9
