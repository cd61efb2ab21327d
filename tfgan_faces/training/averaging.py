"""The exponential moving average of the generator's weights."""

import keras
import tensorflow as tf


class AveragedGenerator:
    """A generator whose weights are a moving average of another's.

    Early on the decay is smaller, (1 + n) / (10 + n) after n updates, so that the initial
    weights leave no ghost in the average.

    Args:
        generator: functional Keras model.
        decay: float in [0, 1), reached in the long run.
    """

    def __init__(self, generator, decay):
        self.model = keras.models.clone_model(generator)
        self.model.set_weights(generator.get_weights())
        self.decay = decay
        self.pairs = list(zip(self.model.trainable_variables, generator.trainable_variables))

    def update(self, updates):
        """Moves the average towards the generator.

        Args:
            updates: scalar tensor, how often the generator has been updated before.
        """
        count = tf.cast(updates, tf.float32)
        decay = tf.minimum(self.decay, (1.0 + count) / (10.0 + count))
        for average, current in self.pairs:
            share = tf.cast(1.0 - decay, average.dtype)
            average.assign(average + share * (current - average))
