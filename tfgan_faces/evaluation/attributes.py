"""Measures which attributes of the drawn faces a generator produces, and how often."""

import numpy as np

from tfgan_faces.data.records.face_attributes import ATTRIBUTES
from tfgan_faces.evaluation.image_classifier import ImageClassifier


def attribute_classifier(images, drawn):
    """Returns an `ImageClassifier` of the attributes of drawn faces.

    Args:
        images: uint8 array [count, size, size, 3].
        drawn: dict of name to array [count], the attributes that the faces were drawn with.
    """
    targets = {name: index(drawn) for name, (_, index) in ATTRIBUTES.items()}
    counts = {name: len(values) for name, (values, _) in ATTRIBUTES.items()}
    return ImageClassifier(images, targets, counts)


def shares(indices):
    """Returns the share of each value of each attribute.

    Args:
        indices: dict of name to int array [count].

    Returns:
        Dict of name to dict of value to float. The floats of each attribute sum to 1.
    """
    result = {}
    for name, (values, _) in ATTRIBUTES.items():
        fractions = np.bincount(indices[name], minlength=len(values)) / len(indices[name])
        result[name] = dict(zip(values, fractions.tolist()))
    return result


def accuracy(indices, drawn):
    """Returns the share of correct values of each attribute: dict of name to float."""
    return {
        name: float(np.mean(indices[name] == index(drawn)))
        for name, (_, index) in ATTRIBUTES.items()
    }
