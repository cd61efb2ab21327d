"""Rules that keep generator and discriminator level.

A rule is asked once per step, after the discriminator has judged a batch and before
anything is updated, which networks to train. It lives in the graph and is fed scalars
only; its state is saved with the run.
"""

import tensorflow as tf


class NoBalance(tf.Module):
    """Trains both networks on every turn."""

    def decide(self, real_error, fake_error, accuracy):
        """Returns scalar bools: train the discriminator, train the generator.

        Args:
            real_error: scalar, mean cross-entropy (nats) of the discriminator at photos.
            fake_error: scalar, the same at fakes.
            accuracy: scalar, share of photos and fakes that it tells rightly, in 0..1.
        """
        del real_error, fake_error, accuracy
        return tf.constant(True), tf.constant(True)

    def weight_decay(self):
        """Returns the L2 coefficient of the discriminator's loss, None for no such term."""
        return None

    def observe_generator(self, error):
        """Takes notice of the generator's cross-entropy error (nats) after its turn."""
        del error


class MarginBalance(NoBalance):
    """Skips the network that is too far ahead, judged by the discriminator's errors.

    The discriminator rests when an error of its is below the margin, the generator when
    one is above 1 - margin; when both would rest, both are trained.

    Args:
        margin: number in 0..0.5, in nats of cross-entropy.

    Reference:
        "Generating Faces with Torch", torch.ch, 2015, and its `adversarial.lua`.
    """

    def __init__(self, margin=0.3):
        super().__init__()
        self.margin = margin

    def decide(self, real_error, fake_error, accuracy):
        del accuracy
        rest_discriminator = (fake_error < self.margin) | (real_error < self.margin)
        rest_generator = (fake_error > 1.0 - self.margin) | (real_error > 1.0 - self.margin)
        both = rest_discriminator & rest_generator
        return ~rest_discriminator | both, ~rest_generator | both


class AccuracyBalance(NoBalance):
    """Keeps the discriminator's accuracy within a band.

    Above the band the discriminator rests, below it the generator does.

    Args:
        low, high: the band's ends, shares in 0..1.
    """

    def __init__(self, low=0.6, high=0.8):
        super().__init__()
        self.low, self.high = low, high

    def decide(self, real_error, fake_error, accuracy):
        del real_error, fake_error
        return accuracy <= self.high, accuracy >= self.low


class L2Balance(NoBalance):
    """Weakens a discriminator that is ahead by an L2 penalty; skips nothing.

    A generator error above 1.3 raises the coefficient by 1e-5, one below 0.9 lowers it,
    never below zero.

    Reference:
        "Generating Faces with Torch", torch.ch, 2015, and its `adversarial.lua`.
    """

    def __init__(self):
        super().__init__()
        self.coefficient = tf.Variable(0.0, trainable=False, name="l2_coefficient")

    def weight_decay(self):
        return self.coefficient.read_value()

    def observe_generator(self, error):
        change = tf.where(error > 1.3, 1e-5, tf.where(error < 0.9, -1e-5, 0.0))
        self.coefficient.assign(tf.maximum(self.coefficient + change, 0.0))


def build_balance(name, margin):
    """Returns the rule called `name`: margin, l2, accuracy or none.

    Args:
        name: str.
        margin: see `MarginBalance`.
    """
    if name == "margin":
        return MarginBalance(margin)
    return {"l2": L2Balance, "accuracy": AccuracyBalance, "none": NoBalance}[name]()
