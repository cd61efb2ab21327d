"""The random numbers of a turn, which do not depend on the number of replicas."""

import tensorflow as tf

from tfgan_faces.latents import random_latents
from tfgan_faces.objectives.augmentation import UNIFORMS

# The purposes of a turn's random numbers. Each has a separate stream.
FAKES, PHOTO_CHANGES, OWN_FAKES, FAKE_CHANGES, JUDGED_CHANGES, POINTS, OWN_CHANGES = range(7)
_PURPOSES = 7


class Noise:
    """Draws random numbers for the whole batch, of which each part of each replica takes its rows.

    They are a pure function of the seed, the turn and the purpose: a run that was resumed, or
    that is distributed over more devices, draws the same numbers.

    Args:
        seed: int.
        batch_size: int, over all replicas.
        turn: int64 variable, the number of discriminator turns so far.
        part: int, index of this part of each replica.
        parts: int, number of parts of each replica.
    """

    def __init__(self, seed, batch_size, turn, part=0, parts=1):
        self.seed, self.batch_size, self.turn = seed, batch_size, turn
        self.part, self.parts = part, parts

    def latents(self, latent_dim, purpose):
        """Returns this part's latents, float32 [rows, latent_dim]."""
        return self._rows(random_latents(self.batch_size, latent_dim, self._key(purpose)))

    def changes(self, purpose):
        """Returns the uniform numbers that `augment` takes for this part's images."""
        return self._rows(self._uniform(UNIFORMS, purpose))

    def chances(self, columns, purpose):
        """Returns uniform numbers that decide which of this part's images are augmented."""
        return self._rows(self._uniform(columns, _PURPOSES + purpose))

    def points(self):
        """Returns the uniform numbers that `gradient_penalty` takes for this part's pairs."""
        return self._rows(self._uniform(1, POINTS))

    def _uniform(self, columns, purpose):
        return tf.random.stateless_uniform((self.batch_size, columns), self._key(purpose))

    def _key(self, purpose):
        return tf.random.experimental.stateless_fold_in(
            tf.stack([self.seed, purpose]), self.turn.read_value()
        )

    def _rows(self, values):
        replica = tf.distribute.get_replica_context()
        count = self.batch_size // (replica.num_replicas_in_sync * self.parts)
        position = replica.replica_id_in_sync_group * self.parts + self.part
        return values[position * count :][:count]
