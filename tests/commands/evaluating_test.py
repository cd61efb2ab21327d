import numpy as np

from tfgan_faces.commands.evaluating import near_copies
from tfgan_faces.data.records.face_attributes import draw_attributes
from tfgan_faces.data.records.face_drawing import LARGE_FEATURES, draw_faces
from tfgan_faces.evaluation.memorisation import largest_share_by_chance


def test_copies_of_photos_are_told_from_new_faces():
    rng = np.random.default_rng(0)
    drawn = draw_faces([draw_attributes(rng) for _ in range(160)], 32, LARGE_FEATURES)
    photos, held_out, new = np.split(drawn, (100, 120))
    measure = near_copies(photos, held_out)
    assert measure(photos[:40]) == 1.0
    assert measure(new) <= largest_share_by_chance(20) < 0.3
