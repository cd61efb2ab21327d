"""Rules that keep the generator and the discriminator balanced.

Once per step, after the discriminator has judged a batch and before any update, a rule decides
which networks to train. It is part of the graph and receives only scalars. Its state is saved
with the run.

To add a rule, add a class and an entry of `BALANCES`. Its name becomes a choice of `--balance`.
"""

from tfgan_faces.objectives.lazy_tensorflow import tf


class NoBalance:
    """Trains both networks on every turn.

    Attributes:
        reads: what the rule uses of the discriminator's judgement, `"errors"` (cross-entropies),
            `"accuracy"`, or None; not every loss has them.
        variables: tuple of `tf.Variable`, the state.
    """

    reads = None
    variables = ()

    def decide(self, real_error, fake_error, accuracy):
        """Returns two scalar bools: whether to train the discriminator, and the generator.

        Args:
            real_error: scalar, mean cross-entropy (nats) of the discriminator on photos.
            fake_error: scalar, the same on fakes.
            accuracy: scalar, the share of photos and fakes that it classifies correctly, in 0..1.
        """
        del real_error, fake_error, accuracy
        return tf.constant(True), tf.constant(True)

    def weight_decay(self):
        """Returns the L2 coefficient of the discriminator's loss, or None for no L2 term."""
        return None

    def observe_generator(self, error):
        """Receives the generator's cross-entropy (nats) after its turn."""
        del error


class MarginBalance(NoBalance):
    """Skips the network that is too far ahead, judged by the discriminator's errors.

    The discriminator is skipped if one of its errors is below the margin, the generator if one
    is above 1 - margin. If both would be skipped, both are trained.

    Args:
        margin: number in 0..0.5, in nats of cross-entropy.

    Reference:
        "Generating Faces with Torch", torch.ch, 2015, and its `adversarial.lua`.
    """

    reads = "errors"

    def __init__(self, margin=0.3):
        self.margin = margin

    def decide(self, real_error, fake_error, accuracy):
        del accuracy
        skip_discriminator = (fake_error < self.margin) | (real_error < self.margin)
        skip_generator = (fake_error > 1.0 - self.margin) | (real_error > 1.0 - self.margin)
        both = skip_discriminator & skip_generator
        return ~skip_discriminator | both, ~skip_generator | both


class AccuracyBalance(NoBalance):
    """Keeps the discriminator's accuracy within a band.

    Above the band the discriminator is skipped, below it the generator.

    Args:
        low, high: the limits of the band, in 0..1.
    """

    reads = "accuracy"

    def __init__(self, low=0.6, high=0.8):
        self.low, self.high = low, high

    def decide(self, real_error, fake_error, accuracy):
        del real_error, fake_error
        return accuracy <= self.high, accuracy >= self.low


class L2Balance(NoBalance):
    """Weakens a leading discriminator by an L2 penalty; skips no network.

    A generator error above 1.3 raises the coefficient by 1e-5. An error below 0.9 lowers it by
    1e-5, but never below zero.

    Reference:
        "Generating Faces with Torch", torch.ch, 2015, and its `adversarial.lua`.
    """

    reads = "errors"

    def __init__(self):
        self.coefficient = tf.Variable(0.0, trainable=False, name="l2_coefficient")
        self.variables = (self.coefficient,)

    def weight_decay(self):
        return self.coefficient.read_value()

    def observe_generator(self, error):
        change = tf.where(error > 1.3, 1e-5, tf.where(error < 0.9, -1e-5, 0.0))
        self.coefficient.assign(tf.maximum(self.coefficient + change, 0.0))


BALANCES = {
    "margin": MarginBalance,
    "l2": L2Balance,
    "accuracy": AccuracyBalance,
    "none": NoBalance,
}


def build_balance(name, margin):
    """Returns a new balancing rule.

    Args:
        name: str, a key of `BALANCES`.
        margin: see `MarginBalance`.
    """
    rule = BALANCES[name]
    return rule(margin) if rule is MarginBalance else rule()
