"""Schedules of discriminator turns: how many each step of the generator takes."""

import tensorflow as tf

from tfgan_faces.objectives.losses import LOSSES


class EqualTurns:
    """One discriminator turn per step.

    Attributes:
        usual_turns: int, the number of turns in an ordinary step.
    """

    usual_turns = 1

    def turns_left(self, step, turns):
        """Returns the number of discriminator turns that step `step` still takes.

        Args:
            step: int or scalar tensor, from 0.
            turns: int or scalar tensor, the turns taken so far in all steps.
        """
        del step, turns
        return 1


class CriticTurns:
    """The WGAN schedule: a few turns per step, many in the first 25 and in every 500th step.

    Args:
        critic_steps: int, turns in an ordinary step (stored as `usual_turns`).
        bursts: whether there are steps of many turns; False with a gradient penalty.

    Reference:
        [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875) and the authors' code.
    """

    MANY = 100
    FIRST = 25
    EVERY = 500

    def __init__(self, critic_steps=5, bursts=True):
        self.usual_turns, self.bursts = critic_steps, bursts

    def turns_left(self, step, turns):
        """Returns the number of critic turns that step `step` still takes.

        Args:
            step: int or scalar tensor, from 0.
            turns: int or scalar tensor, the turns taken so far in all steps.
        """
        return self._turns_before(step + 1) - turns

    def _turns_before(self, step):
        """Returns the number of turns in all steps before `step`, which is at least 1."""
        usual = self.usual_turns * step
        if not self.bursts:
            return usual
        bursts = tf.minimum(step, self.FIRST) + (step - 1) // self.EVERY
        return usual + (self.MANY - self.usual_turns) * bursts


def build_schedule(config):
    """Returns the schedule of discriminator turns for a resolved `TrainingConfig`."""
    loss = LOSSES[config.loss]
    if not loss.is_critic:
        return EqualTurns()
    return CriticTurns(config.critic_steps, bursts=config.critic_bursts and loss.has_bursts)
