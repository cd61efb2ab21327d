import io

import numpy as np
import pytest
from PIL import Image

from tfgan_faces.data.records.face_attributes import draw_attributes
from tfgan_faces.data.records.face_drawing import LARGE_FEATURES, draw_faces
from tfgan_faces.data.sources.face_cutting import FaceCutting
from tfgan_faces.faces.alignment import LFW_LANDMARKS
from tfgan_faces.faces.detector import FaceDetector

CROP = 0.8


@pytest.fixture(scope="module")
def face():
    attributes = draw_attributes(np.random.default_rng(0))
    attributes |= {"roll": 0.0, "yaw": 0.0, "glasses": 0, "hair_length": 0.3}
    return Image.fromarray(draw_faces([attributes], 256, LARGE_FEATURES)[0])


def photo_of(*placed, size=(640, 480), **settings):
    """Returns the bytes of a photo with faces: tuples of image, side, angle, left and top."""
    photo = Image.new("RGB", size, (128, 128, 128))
    for image, side, angle, left, top in placed:
        small = image.resize((side, side)).convert("RGBA").rotate(angle, expand=True)
        photo.paste(small, (left, top), small)
    buffer = io.BytesIO()
    photo.save(buffer, **{"format": "PNG", **settings})
    return buffer.getvalue()


def landmarks(image):
    """Returns the landmarks of the face in an aligned image, as fractions of an LFW photo."""
    framed = np.pad(image, ((32, 32), (32, 32), (0, 0)), constant_values=128)
    places = FaceDetector()(framed)[0, 4:14].reshape(5, 2) - 32
    return (places / len(image) - 0.5) * CROP + 0.5


@pytest.mark.parametrize(("side", "angle"), [(120, 0), (200, 30), (300, -20)])
def test_a_face_is_brought_to_its_place_from_any_place_angle_and_size(face, side, angle):
    (image,) = FaceCutting(CROP, 128)(photo_of((face, side, angle, 60, 40)))
    assert image.shape == (128, 128, 3)
    assert image.dtype == np.uint8
    # The drawn face has other proportions than photos, and the detector varies a little.
    np.testing.assert_allclose(landmarks(image)[:2], LFW_LANDMARKS[:2], atol=0.035)


def test_the_largest_face_or_all_faces_are_cut_out_the_largest_first(face):
    pixels = np.asarray(face).copy()
    green = Image.fromarray(np.uint8(pixels * (0.4, 1.0, 0.4)))
    photo = photo_of((face, 120, 0, 40, 60), (green, 200, 0, 300, 60))
    (only,) = FaceCutting(CROP, 64)(photo)
    both = FaceCutting(CROP, 64, faces="all")(photo)
    assert len(both) == 2
    # The larger one is green.
    for image, is_green in ((only, True), (both[0], True), (both[1], False)):
        red, green_light, _ = image[24:40, 24:40].mean((0, 1))
        assert (green_light > red) == is_green


def test_faces_that_are_too_small_are_refused(face):
    photo = photo_of((face, 120, 0, 40, 60))
    assert len(FaceCutting(CROP, 64, min_face=40)(photo)) == 1
    with pytest.raises(OSError, match="has no face of at least 110 pixels"):
        FaceCutting(CROP, 64, min_face=110)(photo)
    with pytest.raises(OSError, match="has no face"):
        FaceCutting(CROP, 64)(photo_of())


def test_sizes_are_those_of_the_photo_even_if_it_is_decoded_smaller(face):
    large = photo_of((face, 1200, 0, 800, 900), size=(4000, 3000), format="JPEG")
    assert len(FaceCutting(CROP, 64, min_face=500)(large)) == 1
    with pytest.raises(OSError, match="has no face of at least 1200 pixels"):
        FaceCutting(CROP, 64, min_face=1200)(large)


def test_photos_are_turned_upright_first(face):
    upright = photo_of((face, 300, 0, 100, 60), format="JPEG")
    turned = Image.open(io.BytesIO(upright)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown after a rotation by 90 degrees clockwise
    buffer = io.BytesIO()
    turned.save(buffer, "JPEG", exif=exif, quality=95)
    (one,), (other,) = (FaceCutting(CROP, 64)(content) for content in (upright, buffer.getvalue()))
    assert abs(one.astype(int) - other).mean() < 6
