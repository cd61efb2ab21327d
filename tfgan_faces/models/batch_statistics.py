"""Re-estimation of batch-norm statistics for inference.

A moving average lags behind averaged weights, and it is measured with dropout. If dropout comes
before batch norm, activations at inference have less spread than the moving average predicts, and
every image looks washed out.
"""

import keras
import tensorflow as tf

from tfgan_faces.latents import random_latents

COUNT = 2048
_SEED = (2048, 0)
_BATCH = 128


class BatchStatistics:
    """Re-estimates the moving statistics of a generator's batch norms without dropout.

    It updates layer by layer, starting at the input, with `COUNT` latents of a fixed seed. So
    the result depends only on the weights.

    Args:
        generator: functional Keras model that takes latents.
    """

    def __init__(self, generator):
        self.step = None
        self.latents = random_latents(COUNT, generator.input_shape[-1], _SEED)
        self.moments = [
            (layer, _moments_before(generator, layer))
            for layer in generator.layers
            if isinstance(layer, keras.layers.BatchNormalization)
        ]

    def update_at(self, step):
        """Calls `update`, but at most once per training step."""
        if step != self.step:
            self.update()
            self.step = step

    def update(self):
        """Sets the moving mean and variance of every batch norm."""
        for layer, moments in self.moments:
            mean, variance = moments(self.latents)
            layer.moving_mean.assign(mean)
            layer.moving_variance.assign(tf.maximum(variance, 0.0))


def _moments_before(generator, layer):
    """Returns a function from latents to the mean and variance per channel before `layer`."""
    before = keras.Model(generator.inputs, layer.input)

    @tf.function
    def moments(latents):
        total = tf.zeros((2, layer.input.shape[-1]), tf.float64)
        for batch in tf.data.Dataset.from_tensor_slices(latents).batch(_BATCH):
            values = tf.cast(before(batch, training=False), tf.float32)
            axes = tuple(range(values.shape.rank - 1))
            means = tf.stack([tf.reduce_mean(values, axes), tf.reduce_mean(values**2, axes)])
            total += tf.cast(means, tf.float64)
        mean, square = tf.unstack(total * (_BATCH / COUNT))
        return tf.cast(mean, tf.float32), tf.cast(square - mean**2, tf.float32)

    return moments
