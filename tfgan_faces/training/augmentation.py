"""The augmentation of a training: always the same, or as strong as the discriminator needs it."""

import tensorflow as tf

from tfgan_faces.config.combinations import ADAPTIVE, augmentations
from tfgan_faces.config.defaults import AUGMENT
from tfgan_faces.objectives.augmentation import AUGMENTATIONS, augment


class Augmentation:
    """Augments every image with the same augmentations.

    Args:
        names: see `augment`.
    """

    def __init__(self, names):
        self.names = names

    def __call__(self, images, noise, *purposes):
        """Returns augmented images.

        Args:
            images: float tensor, the concatenated images of each purpose.
            noise: `Noise`.
            purposes: purposes of `Noise.changes`.
        """
        return augment(images, self.names, tf.concat(list(map(noise.changes, purposes)), 0))

    def observe(self, real_success):
        """Learns how many photos the discriminator recognised in a turn."""
        del real_success  # always the same augmentation

    def measures(self):
        """Returns a dict of floats for the log."""
        return {}

    def state(self):
        """Returns a dict of name to list of `tf.Variable`."""
        return {}


class AdaptiveAugmentation(Augmentation):
    """Applies each augmentation to a share of the images, the strength.

    The strength grows while the discriminator recognises too many photos, which means that it
    begins to remember them, and falls otherwise. It starts at 0 and is part of the saved state.

    Args:
        batch_size: int, the number of photos in a turn.

    Reference:
        [Karras et al., 2020](https://arxiv.org/abs/2006.06676), ADA, with the heuristic r_t (their
        equation 1) and the augmentations of DiffAugment.
    """

    TARGET = 0.6  # of r_t, the mean sign of the photos' logits
    PHOTOS = 50_000  # in which the strength can grow from 0 to 1
    MEMORY = 0.9  # of the running mean of r_t, per turn

    def __init__(self, batch_size):
        super().__init__(tuple(AUGMENTATIONS))
        self.rate = batch_size / self.PHOTOS
        self.strength, self.mean_sign = (tf.Variable(0.0, trainable=False) for _ in range(2))

    def __call__(self, images, noise, *purposes):
        chances = tf.concat([noise.chances(len(self.names), p) for p in purposes], 0)
        uniforms = tf.concat(list(map(noise.changes, purposes)), 0)
        chosen = (chances < self.strength)[:, :, None, None, None]
        for index, name in enumerate(self.names):
            images = tf.where(chosen[:, index], augment(images, (name,), uniforms), images)
        return images

    def observe(self, real_success):
        sign = 2.0 * real_success - 1.0
        self.mean_sign.assign(self.MEMORY * self.mean_sign + (1.0 - self.MEMORY) * sign)
        change = self.rate * tf.sign(self.mean_sign - self.TARGET)
        self.strength.assign(tf.clip_by_value(self.strength + change, 0.0, 1.0))

    def measures(self):
        return {"augment_strength": float(self.strength.numpy())}

    def state(self):
        return {"augmentation": [self.strength, self.mean_sign]}


def build_augmentation(config):
    """Returns the augmentation for a resolved `TrainingConfig`, whose `augment` may be None."""
    if config.augment == ADAPTIVE:
        return AdaptiveAugmentation(config.batch_size)
    return Augmentation(augmentations(config.augment or AUGMENT))
