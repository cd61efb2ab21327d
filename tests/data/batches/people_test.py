import hashlib
import itertools

import numpy as np
import pytest

from tfgan_faces.data.batches.people import held_out
from tfgan_faces.errors import UserError


def test_the_side_of_a_person_does_not_depend_on_other_people():
    people = [f"person {number}" for number in range(1000)]
    names = [f"{number}.jpg" for number in range(2000)]
    out = held_out(people * 2, names, 0.1)
    np.testing.assert_array_equal(out[:1000], out[1000:])
    assert 70 < out[:1000].sum() < 130  # a tenth, give or take three standard deviations
    np.testing.assert_array_equal(held_out(people[300:], names[:700], 0.1), out[300:1000])


def test_a_larger_share_holds_out_the_same_people_and_others():
    people = [f"person {number}" for number in range(10_000)]
    sides = [held_out(people, people, share) for share in (0.05, 0.1, 0.15, 0.2, 0.5)]
    for smaller, larger in itertools.pairwise(sides):
        assert not np.any(smaller & ~larger)
    # The shares, give or take three standard deviations.
    np.testing.assert_allclose(np.mean(sides, 1), [0.05, 0.1, 0.15, 0.2, 0.5], atol=0.015)


def test_a_tenth_is_what_every_version_held_out():
    digits = [int(hashlib.sha256(str(n).encode()).hexdigest()[:16], 16) % 10 for n in range(1000)]
    out = held_out([""] * 1000, [str(number) for number in range(1000)], 0.1)
    np.testing.assert_array_equal(out, np.equal(digits, 0))


def test_photos_are_split_by_name_if_the_folders_are_not_people():
    folders, names = ["cats"] * 500 + ["dogs"] * 500, [f"{n}.jpg" for n in range(1000)]
    out = held_out(folders, names, 0.1)
    assert 70 < out.sum() < 130
    assert 0 < out[:500].sum() < 500
    np.testing.assert_array_equal(held_out(folders[1:], names[1:], 0.1), out[1:])


def test_no_photos_give_an_empty_split():
    assert held_out([], [], 0.1).shape == (0,)


@pytest.mark.parametrize("share", [None, 0.0, 0.51, float("nan"), "0.1"])
def test_a_share_out_of_range_is_an_error(share):
    with pytest.raises(UserError, match="above 0 and at most 0.5. Received: "):
        held_out(["Ann"], ["0.jpg"], share)
