"""The losses of both networks, and the measures that are computed with them."""

import typing

import keras
import tensorflow as tf

from tfgan_faces.layers import MinibatchStandardDeviation
from tfgan_faces.layers.label_from_noise import label_layer
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


class Images(typing.NamedTuple):
    """Images for the discriminator.

    Attributes:
        pixels: float tensor [count, height, width, 3], values in -1..1.
        labels: float32 tensor [count, labels], one-hot; None if there are no labels.
    """

    pixels: tf.Tensor
    labels: tf.Tensor | None

    def rows(self, first, last):
        """Returns the images from one row up to another, either of which may be None."""
        return Images(*(None if part is None else part[first:last] for part in self))

    def and_then(self, others):
        """Returns these images, followed by others."""
        pairs = zip(self, others)
        return Images(*(None if one is None else tf.concat([one, two], 0) for one, two in pairs))


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
        self.label_layer = label_layer(generator)
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
        """Returns the fakes that the discriminator judges together with photos, `Images`."""
        # Start after the photos have arrived; otherwise this counts as waiting for them.
        with tf.control_dependencies(tf.nest.flatten(photos)):
            return self._generated(FAKES)

    def discriminator_loss(self, photos, fakes, weight_decay):
        """Computes the discriminator's loss on photos and fakes.

        Args:
            photos: uint8 tensor [batch, height, width, 3]; with labels a pair of these and an
                int32 tensor [batch], the indices of the labels.
            fakes: `Images`, as many.
            weight_decay: scalar tensor, coefficient of the L2 penalty on weights, or None.

        Returns:
            The loss with all penalties, `discriminator_measures`, and the logits of photos and of
            fakes.
        """
        photos = self._to_floats(photos)
        count = tf.shape(photos.pixels)[0]
        images = self._augmented(photos.and_then(fakes), PHOTO_CHANGES, FAKE_CHANGES)
        real_logits, fake_logits = self._judge(images, count)
        loss = self.loss.discriminator(real_logits, fake_logits, **self.smoothing)
        penalty = self._gradient_penalties(photos, fakes)
        measures = discriminator_measures(
            loss, penalty, real_logits, fake_logits, self.loss.threshold
        )
        measures["brightness_correlation"] = brightness_correlation(
            images.pixels[:count], real_logits
        )
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
        labels = self.label_layer.labels(latents) if self.label_layer else None
        return Images(self.generator(latents, training=True), labels)

    def _to_floats(self, photos):
        """Returns photos as `Images`, in the format of generated ones."""
        photos, labels = photos if self.label_layer else (photos, None)
        if labels is not None:
            labels = tf.one_hot(labels, len(self.label_layer.names), dtype=tf.float32)
        return Images(tf.cast(photos, self.generator.outputs[0].dtype) / 127.5 - 1.0, labels)

    def _augmented(self, images, *purposes):
        return images._replace(pixels=self.augmentation(images.pixels, self.noise, *purposes))

    def _judge_alone(self, images, purpose):
        """Returns the logits of photos, or of fakes, after augmentation."""
        return self._logits(self._augmented(images, purpose))

    def _judge(self, images, count):
        if self.separate_passes:
            return self._logits(images.rows(None, count)), self._logits(images.rows(count, None))
        logits = self._logits(images)
        return logits[:count], logits[count:]

    def _logits(self, images):
        inputs = images.pixels if images.labels is None else list(images)
        return self.discriminator(inputs, training=True)

    def _gradient_penalties(self, photos, fakes):
        """Returns the sum of the gradient penalties, a scalar; zero in turns without penalties."""
        zero = tf.zeros((), photos.pixels.dtype)
        if not self.penalties:
            return zero
        fakes = fakes._replace(pixels=tf.stop_gradient(fakes.pixels))

        def penalty():
            return tf.add_n([function(photos, fakes) for function in self.penalties])

        every = self.config.penalty_every
        if every == 1:
            return penalty()
        # Lazy regularization, [Karras et al., 2020](https://arxiv.org/abs/1912.04958), appendix
        # B, without its correction of the learning rate and the betas by every / (every + 1).
        due = self.noise.turn % every == 0
        if is_synchronized(self.discriminator):
            return tf.where(due, every * penalty(), zero)
        return tf.cond(due, lambda: every * penalty(), lambda: zero)

    def _judge_with(self, labels):
        """Returns the function of penalties from pixels to logits, for images of given labels."""
        return lambda pixels: self._judge_alone(Images(pixels, labels), JUDGED_CHANGES)

    def _build_penalties(self):
        """Returns a list of functions of photos and fakes, both `Images`, to scalars."""
        config = self.config

        def r1(photos, fakes):
            del fakes
            judge = self._judge_with(photos.labels)
            return zero_centered_penalty(judge, photos.pixels, config.r1)

        def r2(photos, fakes):
            del photos
            judge = self._judge_with(fakes.labels)
            return zero_centered_penalty(judge, fakes.pixels, config.r2)

        def between(photos, fakes):
            judge = self._judge_with(photos.labels)
            weight, points = config.gradient_penalty, self.noise.points()
            return gradient_penalty(judge, photos.pixels, fakes.pixels, weight, points)

        is_on = {r1: config.r1, r2: config.r2, between: self.loss.is_penalized}
        return [function for function, wanted in is_on.items() if wanted]


def is_synchronized(network):
    """Whether layers of the network synchronise replicas, which a graph branch does not allow."""
    return any(getattr(layer, "synchronized", False) for layer in network.layers)
