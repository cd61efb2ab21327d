import numpy as np
import pytest

from tfgan_faces.data.records.face_drawing import draw_attributes, draw_faces
from tfgan_faces.evaluation import attributes


@pytest.fixture(scope="module")
def drawn():
    faces = [draw_attributes(np.random.default_rng([9, index])) for index in range(1600)]
    columns = {name: np.array([face[name] for face in faces]) for name in faces[0]}
    return draw_faces(faces, 32), columns


@pytest.mark.long
def test_a_trained_classifier_tells_the_attributes_of_other_faces(drawn):
    images, columns = drawn
    first = {name: column[:1400] for name, column in columns.items()}
    last = {name: column[1400:] for name, column in columns.items()}
    places = attributes.AttributeClassifier(images[:1400], first)(images[1400:])
    right = attributes.accuracy(places, last)
    assert right.keys() == attributes.ATTRIBUTES.keys()
    assert right["skin"] > 0.6  # by chance 0.2
    assert right["hair_length"] > 0.7


def test_shares_count_the_values():
    places = {name: np.zeros(4, int) for name in attributes.ATTRIBUTES}
    places["glasses"] = np.array([0, 1, 0, 0])
    counted = attributes.shares(places)
    assert counted["glasses"] == {"no": 0.75, "yes": 0.25}
    assert counted["skin"]["lightest"] == 1.0
    assert set(counted["hair_length"]) == {"bald", "short", "medium", "long"}


def test_values_come_from_the_drawn_numbers():
    place = {name: function for name, (_, function) in attributes.ATTRIBUTES.items()}
    lengths = {"hair_length": np.array([0.0, 0.25, 0.6, 1.0])}
    np.testing.assert_array_equal(place["hair_length"](lengths), [0, 1, 2, 3])
    np.testing.assert_array_equal(place["beard"]({"beard": np.array([0.0, 0.7])}), [0, 1])
