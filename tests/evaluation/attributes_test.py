import numpy as np
import pytest

from tfgan_faces.data.records.face_attributes import draw_attributes
from tfgan_faces.data.records.face_drawing import draw_faces
from tfgan_faces.evaluation import attributes


@pytest.fixture(scope="module")
def drawn():
    faces = [draw_attributes(np.random.default_rng([9, index])) for index in range(1600)]
    columns = {name: np.array([face[name] for face in faces]) for name in faces[0]}
    return draw_faces(faces, 32), columns


@pytest.mark.long
def test_a_trained_classifier_predicts_attributes_of_other_faces(drawn):
    images, columns = drawn
    first = {name: column[:1400] for name, column in columns.items()}
    last = {name: column[1400:] for name, column in columns.items()}
    indices = attributes.attribute_classifier(images[:1400], first)(images[1400:])
    accuracy = attributes.accuracy(indices, last)
    assert accuracy.keys() == attributes.ATTRIBUTES.keys()
    assert accuracy["skin"] > 0.6  # 0.2 by chance
    assert accuracy["hair_length"] > 0.7


def test_shares_of_values():
    indices = {name: np.zeros(4, int) for name in attributes.ATTRIBUTES}
    indices["glasses"] = np.array([0, 1, 0, 0])
    shares = attributes.shares(indices)
    assert shares["glasses"] == {"no": 0.75, "yes": 0.25}
    assert shares["skin"]["lightest"] == 1.0
    assert set(shares["hair_length"]) == {"bald", "short", "medium", "long"}


def test_indices_of_drawn_attributes():
    functions = {name: function for name, (_, function) in attributes.ATTRIBUTES.items()}
    lengths = {"hair_length": np.array([0.0, 0.25, 0.6, 1.0])}
    np.testing.assert_array_equal(functions["hair_length"](lengths), [0, 1, 2, 3])
    np.testing.assert_array_equal(functions["beard"]({"beard": np.array([0.0, 0.7])}), [0, 1])
