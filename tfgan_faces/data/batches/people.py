"""Which photos are kept out of training, to judge generators by: a tenth of the people."""

import hashlib

import numpy as np

_FEWEST_PEOPLE = 20
_ONE_IN = 10


def held_out(people_of, names):
    """Returns a bool array: which photos belong to people that are kept out of training.

    A person's photos all fall on one side, whatever other people there are. With fewer than
    20 names the folders are not people's, and each photo is taken for a person of its own.

    Args:
        people_of: sequence of str, the person (folder) of each photo.
        names: sequence of str, each photo's own name.
    """
    return held_out_of(zip(people_of, names))


def held_out_of(photos):
    """Does what `held_out` does, and keeps two bytes of each photo and the people's names.

    Args:
        photos: iterable of each photo's `(person, name)`, gone through once.
    """
    people, by_person, by_name = {}, bytearray(), bytearray()
    for person, name in photos:
        if person not in people:
            people[person] = _falls_out(person)
        by_person.append(people[person])
        by_name.append(_falls_out(name))
    return np.array(by_name if len(people) < _FEWEST_PEOPLE else by_person, bool)


def _falls_out(name):
    digest = hashlib.sha256(name.encode("utf-8", errors="surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") % _ONE_IN == 0
