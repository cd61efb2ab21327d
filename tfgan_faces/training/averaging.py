"""The exponential moving average of the generator's weights."""

import keras
import tensorflow as tf


class AveragedGenerator:
    """A generator whose weights are a moving average of another's.

    The decay after n updates is min(decay, (1 + n) / (10 + n)), so that the initial weights
    fade quickly.

    Args:
        generator: functional Keras model.
        decay: float in [0, 1), the final decay.
    """

    def __init__(self, generator, decay):
        self.model = keras.models.clone_model(generator)
        self.model.set_weights(generator.get_weights())
        self.decay = decay
        self.pairs = list(zip(self.model.trainable_variables, generator.trainable_variables))

    def update(self, updates):
        """Moves the average towards the generator.

        Args:
            updates: scalar tensor, the number of earlier updates of the generator.
        """
        count = tf.cast(updates, tf.float32)
        decay = tf.minimum(self.decay, (1.0 + count) / (10.0 + count))
        for average, current in self.pairs:
            weight = tf.cast(1.0 - decay, average.dtype)
            average.assign(average + weight * (current - average))
