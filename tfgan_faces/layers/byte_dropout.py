"""Dropout that needs one random byte per value."""

import keras
import tensorflow as tf

_LEVELS = 256
_REPLICA_OFFSET = 1 << 32  # larger than any seed of Keras


@keras.saving.register_keras_serializable(package="tfgan_faces")
class ByteDropout(keras.layers.Dropout):
    """`keras.layers.Dropout` with a quarter of the random numbers.

    Keras draws a float32 for every value. On a CPU that takes as long as a convolution.
    One byte is enough to decide whether to drop a value, at a rate that is rounded to a
    multiple of 1/256: 0.1 becomes 26/256. The kept values are scaled by the exact inverse of
    their fraction, so expectations do not change. The replicas of a `tf.distribute.Strategy`
    drop different values.

    Args:
        rate: float in 0..1, the fraction of values to drop.
        **kwargs: the other arguments of `keras.layers.Dropout`. With a `noise_shape`, the
            layer calls Keras' implementation.

    Input shape and output shape:
        Any shape, the same for both.

    Example:

    >>> dropped = ByteDropout(0.5, seed=1)(np.ones((4, 1000)), training=True).numpy()
    >>> sorted({float(value) for value in dropped.ravel()})
    [0.0, 2.0]

    Reference:
        [Srivastava et al., 2014](https://jmlr.org/papers/v15/srivastava14a.html).
    """

    def call(self, inputs, training=False):
        kept = _LEVELS - round(self.rate * _LEVELS)  # out of 256 levels
        if not training or self.noise_shape is not None or kept in (0, _LEVELS):
            return super().call(inputs, training=training)
        scale = tf.constant(_LEVELS / kept, inputs.dtype)
        return inputs * tf.where(self._bytes(tf.shape(inputs)) < kept, scale, tf.zeros_like(scale))

    def _replica_seed(self):
        """Returns the next seed with an offset per replica, since all share one generator."""
        context = tf.distribute.get_replica_context()  # None outside `strategy.run`
        replica = tf.cast(context.replica_id_in_sync_group if context else 0, tf.int64)
        return tf.cast(self.seed_generator.next(), tf.int64) + [_REPLICA_OFFSET * replica, 0]

    def _bytes(self, shape):
        """Returns random uint8 values, four from each 32-bit random number."""
        size = tf.reduce_prod(shape)
        words = tf.random.stateless_uniform(
            [(size + 3) // 4],
            self._replica_seed(),
            minval=None,
            maxval=None,
            dtype=tf.uint32,
        )
        return tf.reshape(tf.reshape(tf.bitcast(words, tf.uint8), [-1])[:size], shape)
