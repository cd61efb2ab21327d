"""Dropout that needs one random byte a value."""

import keras
import tensorflow as tf

_LEVELS = 256
_APART = 1 << 32  # more than any seed of Keras's


@keras.saving.register_keras_serializable(package="tfgan_faces")
class ByteDropout(keras.layers.Dropout):
    """`keras.layers.Dropout` with a quarter of the random numbers.

    Keras draws a float32 for every value; on a CPU that takes as long as a convolution.
    A byte tells just as well whether to drop it, at a rate rounded to a multiple of
    1/256: 0.1 becomes 26/256. What is kept is scaled by the exact inverse of its
    share, so that expectations stay as they are. The replicas of a `tf.distribute.Strategy`
    drop different values.

    Args:
        rate: share of values to drop, a float in 0..1.
        **kwargs: the other arguments of `keras.layers.Dropout`; a `noise_shape` is left to
            Keras.

    Input shape and output shape:
        Any one shape.

    Example:

    >>> dropped = ByteDropout(0.5, seed=1)(np.ones((4, 1000)), training=True).numpy()
    >>> sorted({float(value) for value in dropped.ravel()})
    [0.0, 2.0]

    Reference:
        [Srivastava et al., 2014](https://jmlr.org/papers/v15/srivastava14a.html).
    """

    def call(self, inputs, training=False):
        kept = _LEVELS - round(self.rate * _LEVELS)  # of 256 levels
        if not training or self.noise_shape is not None or kept in (0, _LEVELS):
            return super().call(inputs, training=training)
        scale = tf.constant(_LEVELS / kept, inputs.dtype)
        return inputs * tf.where(self._bytes(tf.shape(inputs)) < kept, scale, tf.zeros_like(scale))

    def _seed_of_replica(self):
        """Returns the next seed, another one on each replica: all have the same generator."""
        context = tf.distribute.get_replica_context()  # None outside `strategy.run`
        replica = tf.cast(context.replica_id_in_sync_group if context else 0, tf.int64)
        return tf.cast(self.seed_generator.next(), tf.int64) + [_APART * replica, 0]

    def _bytes(self, shape):
        """Returns uint8 values, four of one 32-bit random number."""
        size = tf.reduce_prod(shape)
        words = tf.random.stateless_uniform(
            [(size + 3) // 4],
            self._seed_of_replica(),
            minval=None,
            maxval=None,
            dtype=tf.uint32,
        )
        return tf.reshape(tf.reshape(tf.bitcast(words, tf.uint8), [-1])[:size], shape)
