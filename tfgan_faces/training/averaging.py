"""The exponential moving average of the generator's weights."""

import keras
import tensorflow as tf


class AveragedGenerator:
    """A generator whose weights are a moving average of another's.

    The decay after n updates is min(decay, (1 + n) / (10 + n)), so that random initial weights
    fade quickly. Trained ones fade at the final decay.

    Args:
        generator: functional Keras model.
        decay: float in [0, 1), the final decay.
        is_trained: whether the initial weights are those of an earlier training.
    """

    def __init__(self, generator, decay, is_trained=False):
        self.model = keras.models.clone_model(generator)
        self.model.set_weights(generator.get_weights())
        self.decay, self.is_trained = decay, is_trained
        self.pairs = list(zip(self.model.trainable_variables, generator.trainable_variables))

    def update(self, updates):
        """Moves the average towards the generator.

        Args:
            updates: scalar tensor, the number of earlier updates of the generator.
        """
        decay = self._decay(tf.cast(updates, tf.float32))
        for average, current in self.pairs:
            weight = tf.cast(1.0 - decay, average.dtype)
            average.assign(average + weight * (current - average))

    def _decay(self, count):
        return self.decay if self.is_trained else tf.minimum(self.decay, (1 + count) / (10 + count))
