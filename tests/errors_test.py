import pytest
import tensorflow as tf

from tfgan_faces.errors import reason_of


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (tf.errors.NotFoundError(None, None, "no such bucket\nat line 7"), "no such bucket"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_the_reason_of_an_error_is_one_line(error, reason):
    assert reason_of(error) == reason
