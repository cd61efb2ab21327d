"""Finds the faces in photos of any kind, and cuts them out as aligned square images."""

import dataclasses
import threading

import numpy as np
from PIL import Image, ImageOps

from tfgan_faces.data.sources.photo_decoding import open_upright
from tfgan_faces.faces.alignment import align, alignment, transformed
from tfgan_faces.faces.detector import FaceDetector

# Sides in pixels. A photo is decoded at a size that leaves enough of its faces. Its largest face
# is searched for in a small copy first, which is fast, then, like all faces, in a larger one.
_DECODED, _LARGEST, _ALL = 1280, (320, 640), (640,)
# The face that was found is aligned and searched for again at these sizes of an LFW photo. The
# detector is more exact with large upright faces (see `python -m benchmarks.alignment`).
_REFINED = (250, 350)
_SAME_FACE = 0.1  # largest distance of landmarks, as a fraction of these sizes
_THUMBNAIL = 64


class NoFaceError(OSError):
    """A photo has no face that is large enough.

    Attributes:
        thumbnail: uint8 array [64, 64, 3], the photo on a white square.
    """

    def __init__(self, message, photo):
        super().__init__(message)
        square = ImageOps.pad(Image.fromarray(photo), (_THUMBNAIL, _THUMBNAIL), color="white")
        self.thumbnail = np.asarray(square)


@dataclasses.dataclass(frozen=True)
class FaceCutting:
    """Which faces of a photo are cut out, and how.

    Attributes:
        crop: see `align`.
        image_size: int, height and width of the results.
        faces: `"largest"` for one face of each photo, or `"all"`.
        min_face: int, the smallest width of a face in pixels of the photo.
    """

    crop: float
    image_size: int
    faces: str = "largest"
    min_face: int = 48

    def __call__(self, content):
        """Returns the faces of a photo, the largest first.

        Args:
            content: bytes of a photo, see `decode_photo`.

        Returns:
            List of uint8 arrays [image_size, image_size, 3], at least one.

        Raises:
            NoFaceError: the photo has no face that is large enough.
            UserError: OpenCV is not installed.
            Others: see `decode_photo`.
        """
        photo, faces, reduction = self.find(content)
        scales = [np.hypot(*alignment(f, self.crop, self.image_size)[:, 0]) for f in faces]
        # A face would be enlarged, so take all pixels that the photo has.
        if reduction > 1.0 and max(scales) > 1.0:
            whole, _ = open_upright(content)
            faces = [face * (len(whole) / len(photo)) for face in faces]
            photo = whole
        return [align(photo, landmarks, self.crop, self.image_size) for landmarks in faces]

    def find(self, content):
        """Returns a photo and the landmarks of the faces to cut out of it, see `__call__`.

        Returns:
            Uint8 array [height, width, 3], a list of float arrays [5, 2] in its pixels, and the
            factor by which it is smaller than the photo.
        """
        photo, reduction = open_upright(content, (_DECODED, _DECODED))
        for side in _ALL if self.faces == "all" else _LARGEST:
            found = _find(photo, side)
            found = found[found[:, 2] * reduction >= self.min_face]
            if len(found):
                break
        else:
            raise NoFaceError(f"has no face of at least {self.min_face} pixels", photo)
        found = found[np.argsort(-found[:, 2], kind="stable")]
        chosen = found if self.faces == "all" else found[:1]
        return photo, [_refined(photo, row[4:14].reshape(5, 2)) for row in chosen], reduction


def _find(photo, side):
    """Returns the rows of `FaceDetector` in pixels of the photo, which is searched at a size."""
    factor = max(1.0, max(photo.shape[:2]) / side)
    small = photo
    if factor > 1.0:
        size = [max(1, round(length / factor)) for length in photo.shape[1::-1]]
        small = np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BOX))
    found = _detector()(small)
    found[:, :14] *= factor
    return found


def _refined(photo, landmarks):
    """Returns landmarks that were found again after an alignment."""
    for side in _REFINED:
        matrix = alignment(landmarks, 1.0, side)
        found = _detector()(transformed(photo, matrix, side))
        if not len(found):
            break
        places = found[:, 4:14].reshape(-1, 5, 2)
        expected = landmarks @ matrix[:, :2].T + matrix[:, 2]
        distances = np.linalg.norm(places - expected, axis=2).mean(1)
        nearest = distances.argmin()
        if distances[nearest] > _SAME_FACE * side:
            break  # only another person's face was found
        landmarks = (places[nearest] - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    return landmarks


_of_thread = threading.local()  # OpenCV's detector has state, so each thread needs its own


def _detector():
    if not hasattr(_of_thread, "detector"):
        _of_thread.detector = FaceDetector()
    return _of_thread.detector
