import numpy as np
import pytest

from tfgan_faces.errors import UserError
from tfgan_faces.serving.verification import verify


def test_what_cannot_be_loaded_fails_with_the_reason(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"not a graph")
    expected = {"sample": ("seed", np.zeros(1, np.int64), np.zeros((1, 4, 4, 3), np.uint8))}
    with pytest.raises(UserError, match="was not published: "):
        verify(str(tmp_path), expected)
