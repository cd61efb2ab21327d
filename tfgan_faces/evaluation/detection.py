"""How sure a face detector is that there is a face in an image."""

import numpy as np
from PIL import Image

from tfgan_faces.faces.detector import FaceDetector

# The image is enlarged and gets a gray margin, because YuNet expects faces in larger photos.
_SIDE, _MARGIN, _GRAY = 96, 16, 128
RESIZING = f"bicubic to {_SIDE}x{_SIDE}, with a gray margin of {_MARGIN}"


_MIN_SCORE = 0.01  # of a face, for its score to count
# How scores are summed up: name to function of `face_scores`.
SUMMARIES = {
    "share with a face (score above 0.5)": lambda scores: np.mean(scores > 0.5),
    "share with a clear face (score above 0.9)": lambda scores: np.mean(scores > 0.9),
    "mean score of the likeliest face": np.mean,
}


def build_detector():
    """Returns the `FaceDetector` for `face_scores`, which also finds unlikely faces."""
    return FaceDetector(_MIN_SCORE)


def face_scores(detector, images):
    """Returns the score of the likeliest face in each image, float64 [count]; 0 if there is none.

    Args:
        detector: `FaceDetector`, see `build_detector`.
        images: uint8 array [count, size, size, 3].
    """
    found = (detector(_framed(image)) for image in images)
    return np.array([rows[:, -1].max(initial=0.0) for rows in found], np.float64)


def _framed(image):
    large = Image.fromarray(image).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    return np.pad(large, ((_MARGIN, _MARGIN), (_MARGIN, _MARGIN), (0, 0)), constant_values=_GRAY)
