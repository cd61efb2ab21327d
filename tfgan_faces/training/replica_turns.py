"""The turns of both networks on one replica up to the gradients; means over replicas."""

import tensorflow as tf


class ReplicaTurns:
    """Computes the losses, gradients and measures of turns.

    Args:
        objective: `Objective`.
        balance: a rule of `objectives.balancing`.
        updates: dict of network name to `NetworkUpdates`.
        measures_critic: whether to measure the norm of the discriminator's gradient, which
            takes a pass over all weights.
    """

    def __init__(self, objective, balance, updates, measures_critic):
        self.objective, self.balance = objective, balance
        self.discriminator, self.generator = updates["discriminator"], updates["generator"]
        self.measures_critic = measures_critic

    def discriminator_turn(self, photos):
        """Returns gradients, measures, and whether to train the discriminator and the generator.

        Args:
            photos: uint8 tensor [batch, height, width, 3].
        """
        fakes = self.objective.fakes(photos)
        with tf.GradientTape() as tape:
            loss, measures, *_ = self._discriminator_loss(photos, fakes)
        decisions = self._decide(measures)
        gradients = self.discriminator.gradients(decisions[0], tape, loss)
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
        updated = tf.identity(self.discriminator.network.trainable_variables[-1])
        with tf.control_dependencies([updated]), tf.GradientTape() as tape:
            loss, measures = self.objective.generator_loss(photos, threshold)
            loss = self.generator.scaled(loss)
        return self.generator.gradients(train, tape, loss), measures

    def simultaneous_turn(self, photos):
        """Computes both networks' turns on the same fakes, which are judged only once.

        Returns:
            Gradients of the discriminator and of the generator, measures, and whether to train
            the discriminator and the generator.
        """
        with tf.GradientTape(persistent=True) as tape:
            fakes = self.objective.fakes(photos)
            losses, measures, *logits = self._discriminator_loss(photos, fakes)
            generator_loss, generator_measures = self.objective.generator_loss_from_logits(
                *logits, measures["threshold"]
            )
            losses = losses, self.generator.scaled(generator_loss)
        decisions = self._decide(measures)
        gradients = [
            updates.gradients(decision, tape, loss)
            for updates, decision, loss in zip(
                (self.discriminator, self.generator), decisions, losses
            )
        ]
        measures["critic_gradient_norm"] = self._gradient_norm(gradients[0])
        return *gradients, {**measures, **generator_measures}, decisions

    def _discriminator_loss(self, photos, fakes):
        loss, *others = self.objective.discriminator_loss(
            photos, fakes, self.balance.weight_decay()
        )
        return self.discriminator.scaled(loss), *others

    def _gradient_norm(self, gradients):
        norm = tf.linalg.global_norm(gradients) if self.measures_critic else 0.0
        return tf.cast(norm, tf.float32)

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
