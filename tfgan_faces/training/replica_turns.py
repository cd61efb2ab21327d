"""The turns of both networks on one replica, up to their gradients, and sums over replicas."""

import tensorflow as tf


class ReplicaTurns:
    """Computes the losses, gradients and measures of turns.

    Args:
        objective: `Objective`.
        balance: a rule of `objectives.balancing`.
        updates: dict of both networks' `NetworkUpdates`.
        measures_critic: whether the norm of the discriminator's gradient is measured, which
            takes a pass over all weights.
    """

    def __init__(self, objective, balance, updates, measures_critic):
        self.objective, self.balance = objective, balance
        self.discriminator, self.generator = updates["discriminator"], updates["generator"]
        self.measures_critic = measures_critic

    def discriminator_turn(self, photos):
        """Returns gradients, measures, and whether to train discriminator and generator.

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
        # The discriminator's update comes first, or both networks' activations would be in
        # memory at once.
        updated = tf.identity(self.discriminator.network.trainable_variables[-1])
        with tf.control_dependencies([updated]), tf.GradientTape() as tape:
            loss, measures = self.objective.generator_loss(photos, threshold)
            loss = self.generator.scaled(loss)
        return self.generator.gradients(train, tape, loss), measures

    def simultaneous_turn(self, photos):
        """Both networks' turn on the same fakes, which the discriminator judges once.

        Returns:
            Gradients of the discriminator and of the generator, measures, and whether to train
            discriminator and generator.
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
        loss, *rest = self.objective.discriminator_loss(photos, fakes, self.balance.weight_decay())
        return self.discriminator.scaled(loss), *rest

    def _gradient_norm(self, gradients):
        norm = tf.linalg.global_norm(gradients) if self.measures_critic else 0.0
        return tf.cast(norm, tf.float32)

    def _decide(self, measures):
        """Asks the balancing rule, with the means over all replicas."""
        replica = tf.distribute.get_replica_context()
        accuracy = (measures["real_success"] + measures["fake_success"]) / 2
        values = [measures["real_error"], measures["fake_error"], accuracy]
        return self.balance.decide(*replica.all_reduce(tf.distribute.ReduceOp.MEAN, values))


def means(strategy, measures):
    """Returns the means over the replicas of a dict of scalars."""
    # In one vector: each reduction is a message to all other machines.
    rows = strategy.run(lambda it: tf.stack(list(it.values())), args=(measures,))
    reduced = strategy.reduce(tf.distribute.ReduceOp.MEAN, rows, axis=None)
    return dict(zip(measures, tf.unstack(reduced)))


def first(strategy, value):
    """Returns the first replica's value."""
    return strategy.experimental_local_results(value)[0]
