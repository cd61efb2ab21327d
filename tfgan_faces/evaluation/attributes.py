"""Measures which attributes of the drawn faces a generator produces, and how often."""

import keras
import numpy as np
from keras import layers

from tfgan_faces.machine.keras_settings import own_settings

_SIZE = 32
_EPOCHS, _BATCH, _SEED = 4, 64, 7
# Name -> (names of the values, function from the drawn attributes to the value's index).
ATTRIBUTES = {
    "skin": (("lightest", "light", "tan", "brown", "dark"), lambda drawn: drawn["skin"]),
    "hair_colour": (("black", "brown", "chestnut", "blond", "grey"), lambda drawn: drawn["hair"]),
    "hair_length": (
        ("bald", "short", "medium", "long"),
        lambda drawn: np.searchsorted([0.1, 0.5, 0.9], drawn["hair_length"]),
    ),
    "glasses": (("no", "yes"), lambda drawn: drawn["glasses"]),
    "beard": (("no", "yes"), lambda drawn: np.int64(drawn["beard"] > 0)),
    "mouth": (("closed", "open"), lambda drawn: np.int64(drawn["mouth_open"] > 0)),
}


class AttributeClassifier:
    """Classifies the attributes of drawn faces by a small network, trained on the true labels.

    Args:
        images: uint8 array [count, size, size, 3].
        drawn: dict of name to array [count], the attributes that the faces were drawn with.
    """

    def __init__(self, images, drawn):
        keras.utils.set_random_seed(_SEED)
        targets = {name: index(drawn) for name, (_, index) in ATTRIBUTES.items()}
        self.model = _network(images.shape[1])
        self.model.fit(images, targets, _BATCH, _EPOCHS, verbose=0)

    def __call__(self, images):
        """Returns the indices of the most likely values: dict of name to int array [count]."""
        logits = self.model.predict(images, batch_size=256, verbose=0)
        return {name: values.argmax(1) for name, values in logits.items()}


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


def _network(image_size):
    with own_settings("float32"):
        images = x = keras.Input((image_size, image_size, 3))
        x = layers.Rescaling(1 / 127.5, -1.0)(x)
        if image_size > _SIZE:
            x = layers.AveragePooling2D(image_size // _SIZE)(x)
        for filters in (32, 64, 128):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization(momentum=0.9)(x)
            x = layers.ReLU()(x)
            x = layers.MaxPooling2D()(x)
        x = layers.Dropout(0.3)(layers.Flatten()(x))
        outputs = {
            name: layers.Dense(len(values), name=name)(x)
            for name, (values, _) in ATTRIBUTES.items()
        }
        model = keras.Model(images, outputs)
    losses = {
        name: keras.losses.SparseCategoricalCrossentropy(from_logits=True) for name in outputs
    }
    model.compile(keras.optimizers.Adam(1e-3), losses)
    return model
