import io

import numpy as np
from PIL import Image

from tfgan_faces.visuals.contact_sheet import contact_sheet_png


def shown(faces, refused):
    png = contact_sheet_png(faces, refused, "faces", "refused")
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))


def test_refused_photos_are_shown_below_the_faces():
    red = np.zeros((13, 8, 8, 3), np.uint8)
    red[..., 0] = 200
    sheet = shown(red, red[:2, ..., ::-1])  # blue
    rows_of_red = np.flatnonzero((sheet == (200, 0, 0)).all(-1).any(1))
    rows_of_blue = np.flatnonzero((sheet == (0, 0, 200)).all(-1).any(1))
    assert rows_of_red.max() < rows_of_blue.min()
    # Two rows of faces, one of refused photos, of the same height.
    assert 1.8 < len(rows_of_red) / len(rows_of_blue) < 2.2


def test_without_refused_photos_there_is_one_part():
    faces = np.full((3, 8, 8, 3), 90, np.uint8)
    assert shown(faces, faces[:0]).shape[0] < shown(faces, faces[:1]).shape[0]
