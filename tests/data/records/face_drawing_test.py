import numpy as np

from tfgan_faces.data.records.face_attributes import draw_attributes
from tfgan_faces.data.records.face_drawing import draw_faces

PLAIN = draw_attributes(np.random.default_rng(3)) | {
    "skin": 0, "hair": 0, "hair_length": 0.6, "yaw": 0.0, "roll": 0.0, "glasses": 0,
    "beard": 0.0, "smile": 0.5, "mouth_open": 0.0, "background_light": 0.5, "light": 0.0,
}  # fmt: skip


def draw(**changes):
    return draw_faces([PLAIN | changes], 64)[0].astype(int)


def test_a_face_does_not_depend_on_its_batch():
    attributes = [draw_attributes(np.random.default_rng(i)) for i in range(5)]
    faces = draw_faces(attributes, 32)
    assert faces.shape == (5, 32, 32, 3)
    for one, drawn in zip(attributes, faces):
        np.testing.assert_array_equal(draw_faces([one], 32)[0], drawn)


def test_each_attribute_changes_only_its_region():
    plain = draw()
    regions = {
        "glasses": (draw(glasses=1), slice(18, 44), slice(8, 56)),
        "beard": (draw(beard=0.9), slice(32, 64), slice(8, 56)),
        "mouth_open": (draw(mouth_open=1.0), slice(38, 58), slice(16, 48)),
        "smile": (draw(smile=-0.3), slice(36, 60), slice(16, 48)),
        "hair": (draw(hair=3), slice(0, 36), slice(0, 64)),
    }
    for name, (changed, rows, columns) in regions.items():
        difference = np.abs(changed - plain).max(2) > 4
        assert difference.any(), name
        if name == "hair":  # the brows have the same colour
            difference = difference[:20]
            assert difference.any()
            continue
        difference[rows, columns] = False
        assert not difference.any(), name


def test_skin_covers_the_centre_and_background_covers_the_corners():
    light, dark = draw(skin=0), draw(skin=4)
    assert light[34, 24].sum() > dark[34, 24].sum() + 150
    np.testing.assert_array_equal(light[2, 2], dark[2, 2])


def test_faces_vary():
    faces = draw_faces([draw_attributes(np.random.default_rng(i)) for i in range(100)], 32)
    assert faces.astype(float).std(0).mean() > 35
