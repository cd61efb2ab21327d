"""Splits photos into training and held-out ones: a share of the people is held out."""

import hashlib

import numpy as np

from tfgan_faces.config.defaults import HELD_OUT
from tfgan_faces.errors import UserError

SIDES = ("training", "held_out")
MIN_PEOPLE = 20
_TENTHS = 10


def held_out(people_of, names, share):
    """Returns a bool array: which photos belong to people that are held out from training.

    All photos of a person are on the same side, which does not depend on the other people. A
    larger share holds out the same people as a smaller one, and others. With fewer than 20
    distinct folders, the folders are assumed not to be people, and the photos are split
    individually by their names.

    Args:
        people_of: sequence of str, the person (folder) of each photo.
        names: sequence of str, the name of each photo.
        share: float above 0 and at most 0.5, about how large a share of the people is held out.

    Raises:
        UserError: the share is out of this range.
    """
    return held_out_of(zip(people_of, names), share)


def held_out_of(photos, share):
    """Returns the same as `held_out`, with two bytes per photo and the people's names in memory.

    Args:
        photos: iterable of a `(person, name)` pair per photo, iterated once.
        share: see `held_out`.
    """
    if not isinstance(share, float) or not 0.0 < share <= 0.5:
        raise UserError(f"share must be a number above 0 and at most 0.5. Received: {share!r}")
    people, by_person, by_name = {}, bytearray(), bytearray()
    for person, name in photos:
        if person not in people:
            people[person] = _is_held_out(person, share)
        by_person.append(people[person])
        by_name.append(_is_held_out(name, share))
    return np.array(by_name if len(people) < MIN_PEOPLE else by_person, bool)


def file_name(side, share):
    """Returns what the names of a side's files begin with, in the folder of the records."""
    return side if share == HELD_OUT else f"{side}-{share}"


def _is_held_out(name, share):
    digest = hashlib.sha256(name.encode("utf-8", errors="surrogateescape")).digest()
    number = int.from_bytes(digest[:8], "big")
    # The last digit alone decides on a tenth, as in every version. The other digits decide on
    # what is between two tenths.
    return number % _TENTHS + number / 2**64 < share * _TENTHS
