"""How often the critic is trained for each step of the generator."""

import tensorflow as tf


class EqualTurns:
    """One discriminator turn per step."""

    def turns(self, step):
        """Returns the number of discriminator turns in step `step` (from 0)."""
        del step
        return 1


class CriticTurns:
    """The WGAN schedule: a few turns per step, many in the first and in every 500th step.

    Args:
        critic_steps: int, turns in an ordinary step.
        bursts: whether there are steps of many turns; with a gradient penalty there are none.

    Reference:
        [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875) and the authors' code.
    """

    MANY = 100
    FIRST = 25
    EVERY = 500

    def __init__(self, critic_steps=5, bursts=True):
        self.critic_steps, self.bursts = critic_steps, bursts

    def turns(self, step):
        """Returns the number of critic turns in step `step` (from 0), an int or scalar tensor."""
        if not self.bursts:
            return self.critic_steps
        burst = (step < self.FIRST) | (step % self.EVERY == 0)
        return tf.where(burst, self.MANY, self.critic_steps)
