"""The random numbers of a turn, whatever the number of replicas that share the work."""

import tensorflow as tf

from tfgan_faces.latents import random_latents
from tfgan_faces.objectives.augmentation import UNIFORMS

# What the numbers of a turn are for, each a stream of its own.
FAKES, PHOTO_CHANGES, OWN_FAKES, FAKE_CHANGES, JUDGED_CHANGES, POINTS, OWN_CHANGES = range(7)


class Noise:
    """Draws for the whole batch; a replica takes the rows of its part.

    All is a pure function of the seed, the turn and the purpose: a run that was resumed, or that
    is spread over more devices, draws the same numbers.

    Args:
        seed: int.
        batch_size: int, of all replicas together.
        turn: int64 variable, the number of discriminator turns so far.
    """

    def __init__(self, seed, batch_size, turn):
        self.seed, self.batch_size, self.turn = seed, batch_size, turn

    def latents(self, latent_dim, purpose):
        """Returns this replica's latents, float32 [batch_size / replicas, latent_dim]."""
        return self._rows(random_latents(self.batch_size, latent_dim, self._key(purpose)))

    def changes(self, purpose):
        """Returns the uniform numbers of `augment` for this replica's images."""
        return self._rows(self._uniform(UNIFORMS, purpose))

    def points(self):
        """Returns where between photos and fakes the gradient penalty looks, see there."""
        return self._rows(self._uniform(1, POINTS))

    def _uniform(self, columns, purpose):
        return tf.random.stateless_uniform((self.batch_size, columns), self._key(purpose))

    def _key(self, purpose):
        return tf.random.experimental.stateless_fold_in(
            tf.stack([self.seed, purpose]), self.turn.read_value()
        )

    def _rows(self, values):
        replica = tf.distribute.get_replica_context()
        count = self.batch_size // replica.num_replicas_in_sync
        return values[replica.replica_id_in_sync_group * count :][:count]
