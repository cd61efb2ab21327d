"""The outer loop: steps, and actions every few steps."""

import dataclasses
import math
import time

import tensorflow as tf

from tfgan_faces.errors import NonFiniteError
from tfgan_faces.training.callbacks import KerasCallbacks
from tfgan_faces.training.finite_guard import PATIENCE


class EverySteps:
    """Calls `action(step, measures)` at every multiple of `every`, and at the last step.

    Args:
        every: int.
        action: callable of the step and of the newest measures, see `train`.
    """

    def __init__(self, every, action):
        self.every, self.action = every, action

    def steps_until(self, step):
        """Returns the number of steps from `step` to the next call."""
        return self.every - step % self.every

    def is_due(self, step):
        """Whether `step` is a multiple of `every`."""
        return step % self.every == 0


@dataclasses.dataclass
class Session:
    """How far a training goes, and what can end it early.

    Attributes:
        max_steps: int, the number of steps in total.
        seconds: number, the time from now, actions included, after which no step begins.
        steps_per_call: int, the largest number of steps in one call of the trainer.
        log_every: int, steps between two readings of the measures.
        progress: object with `update(steps)`, as a tqdm bar, or None.
        callbacks: `KerasCallbacks` among the actions, which may ask for an end, or None.
        interruption: object whose `signal` is not None when the training is to stop, such as
            `Interruption`, or None.
        cluster: `Cluster` whose workers must take the same decisions, or None.
    """

    max_steps: int
    seconds: float = math.inf
    steps_per_call: int = 1
    log_every: int = 10
    progress: object = None
    callbacks: KerasCallbacks | None = None
    interruption: object = None
    cluster: object = None

    def is_stopped(self):
        """Whether somebody asked this process to stop."""
        return self.interruption is not None and self.interruption.signal is not None

    def is_ended(self):
        """Whether a callback of any worker asked for the end."""
        if self.callbacks is None:
            return False
        return bool(self.largest([float(self.callbacks.stop_requested)])[0])

    def largest(self, values):
        """Returns the largest of all workers' values, a list of floats."""
        return values if self.cluster is None else self.cluster.largest(values)


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
        # A GPU goes on after the call has returned. Reading a number waits for it.
        float(function(batches, tf.constant(count))["discriminator_loss"])
        self.seconds_per_turn = (time.perf_counter() - begin) / turns


def train(trainer, batches, actions, session):
    """Trains until the session's steps are done, its time is up, or somebody ends it.

    Args:
        trainer: `Trainer`, new or restored.
        batches: iterator of uint8 image batches, from the trainer's turn on.
        actions: list of `EverySteps`; no call of the trainer steps over one. They get the
            newest means of the measures, which are read at multiples of `log_every` and at the
            last step, see `Trainer.read_measures`.
        session: `Session`.

    Returns:
        Whether it was stopped, on this or another worker; then no last actions are called.

    Raises:
        NonFiniteError: losses or gradients were not finite in many turns in a row.
    """
    step, measures = int(trainer.step.numpy()), {}
    end, pace = time.perf_counter() + session.seconds, _Pace()
    last, stopped = step >= session.max_steps, _agree(session, pace, end)[1]
    while not (last or stopped):
        turns, most = int(trainer.turns_left()), pace.turns()
        if turns > most:
            pace.call(trainer.train_critic, batches, most, most)
            stopped = _agree(session, pace, end)[1]
            check_finite(trainer, step)
            continue
        nearest = min((action.steps_until(step) for action in actions), default=session.max_steps)
        left = session.max_steps - step
        count = min(session.steps_per_call, nearest, left, max(1, most // turns))
        pace.call(trainer.train_steps, batches, count, count * turns)
        step += count
        late, stopped = _agree(session, pace, end)
        check_finite(trainer, step)
        last = late or step >= session.max_steps
        if last or step % session.log_every == 0:
            measures = trainer.read_measures()
        last = _act(actions, step, measures, last, session)
        if session.progress is not None:
            session.progress.update(count)
    return stopped


def _agree(session, pace, end):
    """Returns whether any worker is out of time, and stopped; takes the slowest one's pace."""
    values = pace.seconds_per_turn, time.perf_counter() >= end, session.is_stopped()
    pace.seconds_per_turn, late, stopped = session.largest([float(value) for value in values])
    return bool(late), bool(stopped)


def _act(actions, step, measures, last, session):
    """Calls the actions that are due, all at the last step; returns whether it is the last."""
    due = [action for action in actions if last or action.is_due(step)]
    for action in due:
        action.action(step, measures)
    if last or not session.is_ended():
        return last
    for action in actions:
        if action not in due:
            action.action(step, measures)
    return True


def fit(trainer, batches, steps, callbacks, log_every):
    """Does what `Trainer.fit` does."""
    session = Session(int(trainer.step.numpy()) + steps, log_every=log_every)
    newest = {}
    with KerasCallbacks(callbacks, trainer.averaged_generator) as session.callbacks:
        actions = [
            EverySteps(log_every, lambda step, measures: newest.update(measures)),
            EverySteps(log_every, session.callbacks),
        ]
        train(trainer, iter(batches), actions, session)
    return newest


def check_finite(trainer, step):
    """Raises NonFiniteError if losses or gradients were not finite in many turns in a row."""
    found = trainer.first_nonfinite()
    if found:
        what, turn = found
        raise NonFiniteError(
            f"Training stopped at step {step}: the {what} was not finite in {PATIENCE} turns in a "
            "row, so no update was made in them. The last checkpoint is kept; try lower learning "
            "rates, or --precision=float32.",
            turn,
        )
