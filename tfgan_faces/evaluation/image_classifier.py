"""A small network that learns to classify photos, to tell what generated faces show."""

import keras
from keras import layers

from tfgan_faces.machine.keras_settings import own_settings

_SIZE = 32
_BATCH, _SEED = 64, 7
_EPOCHS, _LEAST_STEPS = 4, 450  # few photos are shown more often


class ImageClassifier:
    """Classifies images by a network that is trained on photos with known classes.

    Args:
        images: uint8 array [count, size, size, 3].
        targets: dict of name to int array [count], the indices of each photo's classes.
        counts: dict of name to int, the number of classes.
    """

    def __init__(self, images, targets, counts):
        keras.utils.set_random_seed(_SEED)
        self.model = _network(images.shape[1], counts)
        batches = -(-len(images) // _BATCH)
        epochs = max(_EPOCHS, -(-_LEAST_STEPS // batches))
        self.model.fit(images, targets, _BATCH, epochs, verbose=0)

    def __call__(self, images):
        """Returns the indices of the most likely classes: dict of name to int array [count]."""
        logits = self.model.predict(images, batch_size=256, verbose=0)
        return {name: values.argmax(1) for name, values in logits.items()}


def _network(image_size, counts):
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
        outputs = {name: layers.Dense(count, name=name)(x) for name, count in counts.items()}
        model = keras.Model(images, outputs)
    losses = {
        name: keras.losses.SparseCategoricalCrossentropy(from_logits=True) for name in outputs
    }
    model.compile(keras.optimizers.Adam(1e-3), losses)
    return model
