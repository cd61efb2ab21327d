"""The losses of both networks, and the measures that are computed with them."""

import keras
import tensorflow as tf

from tfgan_faces.layers import MinibatchStandardDeviation
from tfgan_faces.objectives.losses import LOSSES
from tfgan_faces.objectives.penalties import gradient_penalty, zero_centered_penalty
from tfgan_faces.training.measures import (
    brightness_correlation,
    discriminator_measures,
    generator_measures,
)
from tfgan_faces.training.noise import (
    FAKE_CHANGES,
    FAKES,
    JUDGED_CHANGES,
    OWN_CHANGES,
    OWN_FAKES,
    PHOTO_CHANGES,
)


class Objective:
    """Computes the losses of one part of a batch.

    Args:
        generator, discriminator: see `Trainer`.
        config: resolved `TrainingConfig`.
        augmentation: `Augmentation`.
        noise: `Noise`.
    """

    def __init__(self, generator, discriminator, config, augmentation, noise):
        self.generator, self.discriminator = generator, discriminator
        self.config, self.augmentation, self.noise = config, augmentation, noise
        self.loss = LOSSES[config.loss]
        self.smoothing = (
            {"label_smoothing": config.label_smoothing} if self.loss.is_smoothable else {}
        )
        self.penalties = self._build_penalties()
        # Statistics of a mixed batch would reveal its composition to the discriminator.
        self.separate_passes = any(
            isinstance(layer, (keras.layers.BatchNormalization, MinibatchStandardDeviation))
            for layer in discriminator.layers
        )

    def fakes(self, photos):
        """Returns the fakes that the discriminator judges together with photos."""
        # Start after the photos have arrived; otherwise this counts as waiting for them.
        with tf.control_dependencies([photos]):
            return self._generated(FAKES)

    def discriminator_loss(self, photos, fakes, weight_decay):
        """Computes the discriminator's loss on photos and fakes.

        Args:
            photos: uint8 tensor [batch, height, width, 3].
            fakes: float tensor of the same shape, values in -1..1.
            weight_decay: scalar tensor, coefficient of the L2 penalty on weights, or None.

        Returns:
            The loss with all penalties, `discriminator_measures`, and the logits of photos and of
            fakes.
        """
        photos = self._to_floats(photos)
        count = tf.shape(photos)[0]
        images = tf.concat([photos, fakes], 0)
        images = self.augmentation(images, self.noise, PHOTO_CHANGES, FAKE_CHANGES)
        real_logits, fake_logits = self._judge(images, count)
        loss = self.loss.discriminator(real_logits, fake_logits, **self.smoothing)
        penalty = self._gradient_penalties(photos, tf.stop_gradient(fakes))
        measures = discriminator_measures(
            loss, penalty, real_logits, fake_logits, self.loss.threshold
        )
        measures["brightness_correlation"] = brightness_correlation(images[:count], real_logits)
        loss += penalty
        if weight_decay is not None:
            squares = [tf.nn.l2_loss(weight) for weight in self.discriminator.trainable_variables]
            loss += tf.cast(weight_decay, loss.dtype) * tf.add_n(squares)
        return loss, measures, real_logits, fake_logits

    def generator_loss(self, photos, threshold):
        """Returns the generator's loss on new fakes, and `generator_measures`.

        Args:
            photos: see `discriminator_loss`; only paired losses use them.
            threshold: see `generator_measures`.
        """
        fake_logits = self._judge_alone(self._generated(OWN_FAKES), OWN_CHANGES)
        real_logits = None
        if self.loss.is_paired:
            real_logits = self._judge_alone(self._to_floats(photos), PHOTO_CHANGES)
        return self.generator_loss_from_logits(real_logits, fake_logits, threshold)

    def generator_loss_from_logits(self, real_logits, fake_logits, threshold):
        """Returns the generator's loss from the logits, and `generator_measures`."""
        logits = (fake_logits,)
        if self.loss.is_paired:  # the photos were judged again, which changes the threshold
            means = tf.reduce_mean(real_logits), tf.reduce_mean(fake_logits)
            threshold = self.loss.threshold(*means)
            logits = (tf.stop_gradient(real_logits), fake_logits)
        loss = self.loss.generator(*logits)
        return loss, generator_measures(loss, fake_logits, threshold)

    def _generated(self, purpose):
        latents = self.noise.latents(self.generator.input_shape[-1], purpose)
        return self.generator(latents, training=True)

    def _to_floats(self, photos):
        """Returns photos in the format of generated images: in -1..1, of the same dtype."""
        return tf.cast(photos, self.generator.output.dtype) / 127.5 - 1.0

    def _judge_alone(self, images, purpose):
        """Returns the logits of photos, or of fakes, after augmentation."""
        return self.discriminator(self.augmentation(images, self.noise, purpose), training=True)

    def _judge(self, images, count):
        if self.separate_passes:
            return (
                self.discriminator(images[:count], training=True),
                self.discriminator(images[count:], training=True),
            )
        logits = self.discriminator(images, training=True)
        return logits[:count], logits[count:]

    def _gradient_penalties(self, photos, fakes):
        """Returns the sum of the gradient penalties, a scalar; zero in turns without penalties."""
        zero = tf.zeros((), photos.dtype)
        if not self.penalties:
            return zero

        def judge(images):
            return self._judge_alone(images, JUDGED_CHANGES)

        def penalty():
            return tf.add_n([function(judge, photos, fakes) for function in self.penalties])

        every = self.config.penalty_every
        if every == 1:
            return penalty()
        # Lazy regularization, [Karras et al., 2020](https://arxiv.org/abs/1912.04958), appendix
        # B, without its correction of the learning rate and the betas by every / (every + 1).
        due = self.noise.turn % every == 0
        if is_synchronized(self.discriminator):
            return tf.where(due, every * penalty(), zero)
        return tf.cond(due, lambda: every * penalty(), lambda: zero)

    def _build_penalties(self):
        """Returns a list of functions of (judge, photos, fakes) to scalars."""
        config = self.config
        penalties = []
        if config.r1:
            penalties.append(lambda judge, real, _: zero_centered_penalty(judge, real, config.r1))
        if config.r2:
            penalties.append(lambda judge, _, fake: zero_centered_penalty(judge, fake, config.r2))
        if self.loss.is_penalized:
            penalties.append(
                lambda judge, real, fake: gradient_penalty(
                    judge, real, fake, config.gradient_penalty, self.noise.points()
                )
            )
        return penalties


def is_synchronized(network):
    """Whether layers of the network synchronise replicas, which a graph branch does not allow."""
    return any(getattr(layer, "synchronized", False) for layer in network.layers)
