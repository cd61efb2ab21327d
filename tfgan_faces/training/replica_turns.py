"""The turns of both networks on one replica up to the gradients; means over replicas."""

import tensorflow as tf

from tfgan_faces.training import part_turns
from tfgan_faces.training.objective import is_synchronized


class ReplicaTurns:
    """Computes the gradients and measures of turns.

    The photos are divided into parts, which do not depend on each other. So TensorFlow computes
    them side by side, each with its share of the processor's cores.

    Args:
        objectives: list of `Objective`, one for each part.
        balance: a rule of `objectives.balancing`.
        updates: dict of network name to `NetworkUpdates`.
        measures_critic: whether to measure the norm of the discriminator's gradient, which
            takes a pass over all weights.
    """

    def __init__(self, objectives, balance, updates, measures_critic):
        self.objectives, self.balance, self.updates = objectives, balance, updates
        self.measures_critic = measures_critic

    def discriminator_turn(self, photos):
        """Returns gradients, measures, and whether to train the discriminator and the generator.

        Args:
            photos: see `Objective.discriminator_loss`.
        """
        decay = self.balance.weight_decay()
        measures, parts = self._turn(part_turns.discriminator_turn, photos, decay)
        decisions = self._decide(measures)
        gradients = self._gradients(decisions[0], parts, "discriminator")
        measures["critic_gradient_norm"] = self._gradient_norm(gradients)
        return gradients, measures, decisions

    def generator_turn(self, photos, threshold, train):
        """Returns gradients and measures.

        Args:
            photos: see `discriminator_turn`.
            threshold: scalar tensor, see `generator_measures`.
            train: bool scalar tensor; if false the gradients are zeros.
        """
        # Wait for the discriminator's update; otherwise the activations of both networks would
        # be in memory at once.
        updated = tf.identity(self.updates["discriminator"].weights[-1])
        with tf.control_dependencies([updated]):
            measures, parts = self._turn(part_turns.generator_turn, photos, threshold)
        return self._gradients(train, parts, "generator"), measures

    def simultaneous_turn(self, photos):
        """Computes both networks' turns on the same fakes, which are judged only once.

        Returns:
            Gradients of the discriminator and of the generator, measures, and whether to train
            the discriminator and the generator.
        """
        decay = self.balance.weight_decay()
        measures, parts = self._turn(part_turns.simultaneous_turn, photos, decay)
        decisions = self._decide(measures)
        either = decisions[0] | decisions[1]
        gradients = self._gradients(either, parts, "discriminator", "generator")
        count = len(self.updates["discriminator"].weights)
        own, others = gradients[:count], gradients[count:]
        measures["critic_gradient_norm"] = self._gradient_norm(own)
        return own, others, measures, decisions

    def _turn(self, turn, photos, value):
        """Returns the mean measures of a turn over all parts, and their functions of gradients."""
        measures, gradients = zip(
            *(
                turn(objective, part, value, self.updates)
                for objective, part in zip(self.objectives, self._parts(photos))
            )
        )
        names = measures[0]
        means = {
            name: tf.add_n([found[name] for found in measures]) / len(measures) for name in names
        }
        return means, gradients

    def _parts(self, photos):
        """Returns the photos of each part: a list."""
        tensors = tf.nest.flatten(photos)  # one or, with labels, two
        split = zip(*(tf.split(tensor, len(self.objectives)) for tensor in tensors))
        return [tf.nest.pack_sequence_as(photos, part) for part in split]

    def _gradients(self, condition, parts, *names):
        """Returns the sums of all parts' gradients of the named networks' weights.

        If `condition` is false, they are zeros, without a backward pass.
        """
        updates = [self.updates[name] for name in names]

        def backward():
            return [tf.add_n(values) for values in zip(*(gradients() for gradients in parts))]

        if any(is_synchronized(network.network) for network in updates):
            return backward()
        weights = [weight for network in updates for weight in network.weights]
        return tf.cond(condition, backward, lambda: [tf.zeros_like(weight) for weight in weights])

    def _gradient_norm(self, gradients):
        """Returns the norm of the mean gradient of this replica's parts, without a loss scale."""
        if not self.measures_critic:
            return tf.constant(0.0)
        factor = self.updates["discriminator"].scaled(1.0) * len(self.objectives)
        return tf.cast(tf.linalg.global_norm(gradients) / factor, tf.float32)

    def _decide(self, measures):
        """Returns the balancing rule's decisions on the means over all replicas."""
        replica = tf.distribute.get_replica_context()
        accuracy = (measures["real_success"] + measures["fake_success"]) / 2
        values = [measures["real_error"], measures["fake_error"], accuracy]
        return self.balance.decide(*replica.all_reduce(tf.distribute.ReduceOp.MEAN, values))


def means(strategy, measures):
    """Returns the means over replicas of a dict of scalars."""
    # Stacked into one vector, because each reduction sends messages to all machines.
    rows = strategy.run(lambda scalars: tf.stack(list(scalars.values())), args=(measures,))
    reduced = strategy.reduce(tf.distribute.ReduceOp.MEAN, rows, axis=None)
    return dict(zip(measures, tf.unstack(reduced)))


def first(strategy, value):
    """Returns the first replica's value."""
    return strategy.experimental_local_results(value)[0]
