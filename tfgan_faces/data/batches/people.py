"""Splits photos into training and held-out ones: a tenth of the people is held out."""

import hashlib

import numpy as np

SIDES = ("training", "held_out")
MIN_PEOPLE = 20
_HELD_OUT_DIVISOR = 10


def held_out(people_of, names):
    """Returns a bool array: which photos belong to people that are held out from training.

    All photos of a person are on the same side, which does not depend on the other people.
    With fewer than 20 distinct folders, the folders are assumed not to be people, and the
    photos are split individually by their names.

    Args:
        people_of: sequence of str, the person (folder) of each photo.
        names: sequence of str, the name of each photo.
    """
    return held_out_of(zip(people_of, names))


def held_out_of(photos):
    """Returns the same as `held_out`, with two bytes per photo and the people's names in memory.

    Args:
        photos: iterable of a `(person, name)` pair per photo, iterated once.
    """
    people, by_person, by_name = {}, bytearray(), bytearray()
    for person, name in photos:
        if person not in people:
            people[person] = _is_held_out(person)
        by_person.append(people[person])
        by_name.append(_is_held_out(name))
    return np.array(by_name if len(people) < MIN_PEOPLE else by_person, bool)


def _is_held_out(name):
    digest = hashlib.sha256(name.encode("utf-8", errors="surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") % _HELD_OUT_DIVISOR == 0
