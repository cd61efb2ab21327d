"""The updates of one network, from its loss to its new weights."""

import keras
import tensorflow as tf

from tfgan_faces.objectives.optimizers import build_optimizer
from tfgan_faces.training.finite_guard import FiniteGuard, not_finite


class NetworkUpdates:
    """Updates a network, except in turns that are skipped or have non-finite numbers.

    Args:
        name: `"generator"` or `"discriminator"`.
        network: Keras model.
        config: resolved `TrainingConfig`.
        strategy: `tf.distribute.Strategy`, see `Trainer`.

    Attributes:
        optimizer: Keras optimizer.
        guard: `FiniteGuard`.
        skipped: int64 variable, the number of turns without an update.
    """

    def __init__(self, name, network, config, strategy):
        self.network, self.strategy = network, strategy
        self._parts = strategy.num_replicas_in_sync * config.batch_parts
        self.optimizer = build_optimizer(config, getattr(config, f"{name}_learning_rate"))
        self._has_loss_scale = config.precision == "mixed_float16"
        if self._has_loss_scale:
            # Without it, gradients too small for float16 are lost.
            self.optimizer = keras.optimizers.LossScaleOptimizer(self.optimizer)
        self.optimizer.build(network.trainable_variables)
        self._frozen_turns = config.freeze_d if name == "discriminator" and config.init_from else 0
        self.skipped = tf.Variable(0, dtype=tf.int64, trainable=False)
        # Training ends when the guard reports something, so its state is not saved.
        self.guard = FiniteGuard(name, network.trainable_variables)

    @property
    def weights(self):
        """The list of the network's trainable variables."""
        return self.network.trainable_variables

    def scaled(self, loss):
        """Returns one part's share of a loss, multiplied by the loss scale for float16."""
        return self.optimizer.scale_loss(loss / self._parts)

    def apply(self, train, gradients, loss, turn, after):
        """Updates the network if it is trained in this turn and its numbers are finite.

        Args:
            train: bool scalar tensor, whether the network is trained in this turn.
            gradients: list of tensors, with one value per replica.
            loss: scalar tensor, with one value per replica.
            turn: int64 scalar tensor.
            after: function without arguments that each replica calls after its update.

        Returns:
            Bool scalar tensor: whether the network was updated.
        """

        def update(gradients):
            kept = self._frozen_weights()
            self.optimizer.apply(gradients, self.weights)
            for weight, value in kept:
                weight.assign(tf.where(turn < self._frozen_turns, value, weight))
            after()

        updated = self._are_finite(loss, gradients, turn, train) & train
        if updated:
            self.strategy.run(update, args=(gradients,))
        else:
            self.skipped.assign_add(1)
        return updated

    def _frozen_weights(self):
        """Returns the first half of the weights, each with its value, if some turns freeze them.

        The optimizer sees their gradients nevertheless: its means of squared gradients would
        otherwise be zero when the freeze ends, and the first updates would be large.

        Reference:
            [Mo et al., 2020](https://arxiv.org/abs/2002.10964), FreezeD: the lower layers of a
            trained discriminator suit other photos, too.
        """
        if not self._frozen_turns:
            return []
        lower = self.weights[: len(self.weights) // 2]
        return [(weight, tf.identity(weight)) for weight in lower]

    def _are_finite(self, loss, gradients, turn, train):
        bad = self.strategy.run(not_finite, args=(loss, gradients))
        bad = self.strategy.reduce(tf.distribute.ReduceOp.SUM, bad, axis=None) > 0.0
        if self._has_loss_scale:
            # Scaled gradients overflow now and then. The optimizer then makes no update and
            # halves the scale. Once the scale is 1, it cannot be the cause.
            scale = self.optimizer.dynamic_scale
            bad &= tf.concat([[True], tf.fill([len(bad) - 1], scale <= 1.0)], 0)
        return self.guard.record(bad, turn, train)
