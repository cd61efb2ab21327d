"""The outer loop: steps, and actions every few steps."""

import math
import time

import tensorflow as tf

from tfgan_faces.errors import NonFiniteError
from tfgan_faces.training.soundness import PATIENCE


class EverySteps:
    """Calls `action(step)` at every multiple of `every`, and at the last step.

    Args:
        every: int.
        action: callable of the step.
    """

    def __init__(self, every, action):
        self.every, self.action = every, action

    def steps_until(self, step):
        """Returns the number of steps from `step` to the next call."""
        return self.every - step % self.every

    def __call__(self, step, last):
        if step % self.every == 0 or last:
            self.action(step)


class _Pace:
    """Keeps calls of the trainer so short that a stop need not wait for long.

    The longest of bursts, and many steps a call, would take minutes with large networks.
    """

    SECONDS = 2.0

    def __init__(self):
        self.seconds_per_turn = math.inf

    def turns(self):
        """Returns the number of discriminator turns of a call that takes two seconds."""
        return max(1, int(self.SECONDS / self.seconds_per_turn))

    def call(self, function, batches, count, turns):
        """Calls `function(batches, count)`, in which there are some turns, and times it."""
        begin = time.perf_counter()
        # A GPU goes on after the call has returned; a number is there when it is done.
        float(function(batches, tf.constant(count))["discriminator_loss"])
        self.seconds_per_turn = (time.perf_counter() - begin) / turns


def train(
    trainer,
    batches,
    max_steps,
    actions,
    steps_per_call=1,
    progress=None,
    seconds=math.inf,
    stopped=lambda: False,
    largest=lambda values: values,
):
    """Trains until `max_steps` steps are done in total, or time is up, or it is stopped.

    Args:
        trainer: `Trainer`, new or restored.
        batches: iterator of uint8 image batches, from the trainer's turn on.
        max_steps: int.
        actions: list of `EverySteps`; no call of the trainer leaps over one.
        steps_per_call: int, at most so many steps are done in one call of the trainer.
        progress: callable of the step, called after each call of the trainer.
        seconds: number, the time from now, actions included, after which no step begins.
        stopped: callable, asked after each call of the trainer, which takes some seconds at
            most; if true, no last actions are called.
        largest: callable of a list of numbers that returns the largest of all workers', who
            have to take the same way: see `Cluster.largest`.

    Returns:
        Whether it was stopped, on this or another worker.

    Raises:
        NonFiniteError: losses or gradients were not finite in many turns in a row.
    """
    step, end, pace = int(trainer.step.numpy()), time.perf_counter() + seconds, _Pace()
    last, halted = step >= max_steps, bool(largest([float(stopped())])[0])

    def agreed():
        """The slowest worker's pace, and whether any is out of time or stopped."""
        pace.seconds_per_turn, late, halted = largest(
            [pace.seconds_per_turn, float(time.perf_counter() >= end), float(stopped())]
        )
        return bool(late), bool(halted)

    while not (last or halted):
        turns, most = trainer.turns_left(), pace.turns()
        if turns > most:
            pace.call(trainer.train_critic, batches, most, most)
            _, halted = agreed()
            check_sound(trainer, step)
            continue
        nearest = min((action.steps_until(step) for action in actions), default=max_steps)
        count = min(steps_per_call, nearest, max_steps - step, max(1, most // turns))
        pace.call(trainer.train_steps, batches, count, count * turns)
        step += count
        late, halted = agreed()
        check_sound(trainer, step)
        last = step >= max_steps or late
        for action in actions:
            action(step, last)
        if progress:
            progress(step)
    return halted


def check_sound(trainer, step):
    """Raises NonFiniteError where nothing finite has come of many turns in a row."""
    trouble = trainer.trouble()
    if trouble:
        what, turn = trouble
        raise NonFiniteError(
            f"Training stopped at step {step}: the {what} was not finite in {PATIENCE} turns in a "
            "row, of which no update was made. The last checkpoint is kept; try lower learning "
            "rates, or --precision=float32.",
            turn,
        )
