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
    people = set(people_of)
    if len(people) < _FEWEST_PEOPLE:
        return np.array([_falls_out(name) for name in names], bool)
    out = {person for person in people if _falls_out(person)}
    return np.array([person in out for person in people_of], bool)


def _falls_out(name):
    digest = hashlib.sha256(name.encode("utf-8", errors="surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") % _ONE_IN == 0
