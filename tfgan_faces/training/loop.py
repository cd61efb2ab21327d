"""The outer loop: steps, and actions every few steps."""

import math

import tensorflow as tf

from tfgan_faces.errors import NonFiniteError


class EverySteps:
    """Calls `action(step)` at every multiple of `every`, and at the last step.

    Args:
        every: int.
        action: callable of the step.
        last: int, the last step.
    """

    def __init__(self, every, action, last):
        self.every, self.action, self.last = every, action, last

    def steps_until(self, step):
        """Returns the number of steps from `step` to the next call."""
        return min(self.every - step % self.every, self.last - step)

    def __call__(self, step):
        if step % self.every == 0 or step == self.last:
            self.action(step)


def train(trainer, batches, max_steps, actions, steps_per_call=1, progress=None):
    """Trains until `max_steps` steps are done in total.

    Args:
        trainer: `Trainer`, new or restored.
        batches: iterator of uint8 image batches, from the trainer's turn on.
        max_steps: int.
        actions: list of `EverySteps`; no call of the trainer leaps over one.
        steps_per_call: int, at most so many steps are done in one call of the trainer.
        progress: callable of the step, called after each call of the trainer.

    Raises:
        NonFiniteError: a loss became NaN or infinite.
    """
    step = int(trainer.step.numpy())
    while step < max_steps:
        nearest = min((action.steps_until(step) for action in actions), default=max_steps - step)
        count = min(steps_per_call, nearest)
        measures = trainer.train_steps(batches, tf.constant(count))
        step += count
        check_finite(measures, step)
        for action in actions:
            action(step)
        if progress:
            progress(step)


def check_finite(measures, step):
    """Raises NonFiniteError for the first of some steps' losses that is NaN or infinite."""
    for name in ("discriminator_loss", "generator_loss"):
        value = float(measures[name])
        if not math.isfinite(value):
            raise NonFiniteError(
                f"Training stopped: by step {step} the {name} became {value}. The last checkpoint "
                "is kept; try lower learning rates, or --precision=float32."
            )
