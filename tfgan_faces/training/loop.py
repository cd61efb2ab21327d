"""The outer loop: steps, and actions every few steps."""

import math

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

    def __call__(self, step):
        if step % self.every == 0 or step == self.last:
            self.action(step)


def train(trainer, batches, max_steps, actions):
    """Trains until `max_steps` steps are done in total.

    Args:
        trainer: `Trainer`, new or restored.
        batches: iterator of uint8 image batches, from the trainer's turn on.
        max_steps: int.
        actions: callables of the step, called in order after each step.

    Raises:
        NonFiniteError: a loss became NaN or infinite.
    """
    for step in range(int(trainer.step.numpy()) + 1, max_steps + 1):
        check_finite(trainer.train_step(batches), step)
        for action in actions:
            action(step)


def check_finite(measures, step):
    """Raises NonFiniteError for the first of a step's losses that is NaN or infinite."""
    for name in ("discriminator_loss", "generator_loss"):
        value = float(measures[name])
        if not math.isfinite(value):
            raise NonFiniteError(
                f"Training stopped: at step {step} the {name} became {value}. The last checkpoint "
                "is kept; try lower learning rates, or --precision=float32."
            )
