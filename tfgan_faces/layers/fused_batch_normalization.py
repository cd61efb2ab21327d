"""Batch normalization of images in one pass over memory in each direction."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfgan_faces")
class FusedBatchNormalization(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization`, computed by TensorFlow's fused kernel.

    Keras computes a dozen elementwise steps in float32, and each is a pass over memory. The
    fused kernel accepts half precision directly and keeps only the statistics in float32.
    Arguments, weights and results are the same as in Keras. The layer calls Keras'
    implementation where the kernel does not apply: for an axis other than the last, inputs
    that are not images, masks, renormalization and synchronization.

    Input shape and output shape:
        `[batch, height, width, channels]`.

    Example:

    >>> layer = FusedBatchNormalization()
    >>> layer(np.array([-3.0, 3.0]).reshape(2, 1, 1, 1), training=True)[:, 0, 0, 0].numpy()
    array([-0.99994445,  0.99994445], dtype=float32)

    Reference:
        [Ioffe and Szegedy, 2015](https://arxiv.org/abs/1502.03167), algorithm 1.
    """

    def call(self, inputs, training=None, mask=None):
        if not self._is_fusible(inputs) or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        use_batch_statistics = bool(training and self.trainable)
        channels = inputs.shape[-1]
        scale = tf.convert_to_tensor(self.gamma) if self.scale else tf.ones(channels)
        offset = tf.convert_to_tensor(self.beta) if self.center else tf.zeros(channels)
        images, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=scale,
            offset=offset,
            mean=[] if use_batch_statistics else tf.convert_to_tensor(self.moving_mean),
            variance=[] if use_batch_statistics else tf.convert_to_tensor(self.moving_variance),
            epsilon=self.epsilon,
            is_training=use_batch_statistics,
        )
        if use_batch_statistics:
            self._update_moving_statistics(mean, variance, tf.size(inputs) // channels)
        return images

    def _is_fusible(self, inputs):
        last = len(inputs.shape) - 1
        unsupported = self.renorm or self.synchronized
        # The kernel does not support double precision.
        return last == 3 and self.axis in (-1, last) and not unsupported and inputs.dtype.size <= 4

    def _update_moving_statistics(self, mean, variance, count):
        """Moves the moving statistics towards those of the batch."""
        # The kernel divides by count - 1, Keras by count.
        count = tf.cast(count, tf.float32)
        biased = variance * ((count - 1.0) / count)
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, biased)):
            moving.assign(moving * self.momentum + batch * (1.0 - self.momentum))
