import numpy as np

from tfgan_faces.data.batches.people import held_out


def test_a_person_falls_on_one_side_whatever_the_others():
    people = [f"person {number}" for number in range(1000)]
    names = [f"{number}.jpg" for number in range(2000)]
    out = held_out(people * 2, names)
    np.testing.assert_array_equal(out[:1000], out[1000:])
    assert 70 < out[:1000].sum() < 130  # a tenth, give or take three standard deviations
    np.testing.assert_array_equal(held_out(people[300:], names[:700]), out[300:1000])


def test_folders_that_are_not_peoples_are_split_by_the_photos_names():
    folders, names = ["cats"] * 500 + ["dogs"] * 500, [f"{n}.jpg" for n in range(1000)]
    out = held_out(folders, names)
    assert 70 < out.sum() < 130
    assert 0 < out[:500].sum() < 500
    np.testing.assert_array_equal(held_out(folders[1:], names[1:]), out[1:])


def test_nothing_is_split_into_nothing():
    assert held_out([], []).shape == (0,)
