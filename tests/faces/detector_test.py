import importlib.util

import numpy as np
import pytest

from tfgan_faces.data.records.face_attributes import draw_attributes
from tfgan_faces.data.records.face_drawing import LARGE_FEATURES, draw_faces
from tfgan_faces.errors import UserError
from tfgan_faces.faces.detector import FaceDetector

SIDE = 96


@pytest.fixture(scope="module")
def face():
    """A drawn face that looks straight ahead, in the middle of a gray picture."""
    attributes = draw_attributes(np.random.default_rng(0))
    attributes |= {"roll": 0.0, "yaw": 0.0, "glasses": 0, "hair_length": 0.3}
    drawn = draw_faces([attributes], SIDE, LARGE_FEATURES)[0]
    return np.pad(drawn, ((40, 40), (80, 80), (0, 0)), constant_values=128)


def test_a_drawn_face_is_found_with_its_landmarks_in_place(face):
    (row,) = FaceDetector(min_score=0.5)(face)
    assert row.shape == (15,)
    assert 0.5 < row[-1] <= 1.0
    right_eye, left_eye, nose, right_mouth, left_mouth = row[4:14].reshape(5, 2)
    middle = 80 + SIDE / 2
    # The head is upright and symmetric. The person's right eye is on the left of the picture.
    assert right_eye[1] == pytest.approx(left_eye[1], abs=3)
    assert (right_eye[0] + left_eye[0]) / 2 == pytest.approx(middle, abs=4)
    assert (right_mouth[0] + left_mouth[0]) / 2 == pytest.approx(middle, abs=4)
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_eye[1] < nose[1] < right_mouth[1]


def test_faces_of_any_size_of_picture_are_found_the_surest_first(face):
    detector = FaceDetector(min_score=0.5)
    both = np.concatenate([face, face[:, ::-1]], 1)
    rows = detector(both)
    assert len(rows) == 2
    assert rows[0, -1] >= rows[1, -1]
    assert len(detector(face)) == 1


def test_a_picture_without_a_face_has_no_rows():
    assert FaceDetector()(np.full((50, 70, 3), 128, np.uint8)).shape == (0, 15)


def test_other_arrays_are_refused():
    with pytest.raises(ValueError, match="`image` must be a uint8 array"):
        FaceDetector()(np.zeros((50, 70, 3), np.float32))


def test_a_missing_extra_is_an_error_that_names_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'tfgan_faces\[align\]'"):
        FaceDetector()
