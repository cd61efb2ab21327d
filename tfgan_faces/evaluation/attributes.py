"""Which of the drawn faces' attributes a generator covers, and how often."""

import keras
import numpy as np
from keras import layers

from tfgan_faces.machine.keras_settings import own_settings

_SIZE = 32
_EPOCHS, _BATCH, _SEED = 4, 64, 7
# Name -> names of the values, and a function from the drawn attributes to the value's place.
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
    """Tells the attributes of drawn faces: a small network, trained on the true labels.

    Args:
        images: uint8 array [count, size, size, 3].
        drawn: dict of name to array [count], the attributes as they were drawn.
    """

    def __init__(self, images, drawn):
        keras.utils.set_random_seed(_SEED)
        targets = {name: place(drawn) for name, (_, place) in ATTRIBUTES.items()}
        self.model = _network(images.shape[1])
        self.model.fit(images, targets, _BATCH, _EPOCHS, verbose=0)

    def __call__(self, images):
        """Returns the places of the likeliest values: dict of name to int array [count]."""
        logits = self.model.predict(images, batch_size=256, verbose=0)
        return {name: values.argmax(1) for name, values in logits.items()}


def shares(places):
    """Returns for each attribute the share of each value.

    Args:
        places: dict of name to int array [count].

    Returns:
        Dict of name to dict of value to float; the floats of an attribute sum to 1.
    """
    counted = {}
    for name, (values, _) in ATTRIBUTES.items():
        counts = np.bincount(places[name], minlength=len(values)) / len(places[name])
        counted[name] = dict(zip(values, counts.tolist()))
    return counted


def accuracy(places, drawn):
    """Returns the share of right answers for each attribute, a dict of floats."""
    return {
        name: float(np.mean(places[name] == place(drawn)))
        for name, (_, place) in ATTRIBUTES.items()
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
