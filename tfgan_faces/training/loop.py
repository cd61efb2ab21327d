"""The training loop: steps, and actions every few steps."""

import dataclasses
import math
import time

import tensorflow as tf

from tfgan_faces.errors import NonFiniteError
from tfgan_faces.training.batch_iterators import iterator_of
from tfgan_faces.training.callbacks import KerasCallbacks
from tfgan_faces.training.finite_guard import PATIENCE


class EverySteps:
    """Calls `action(step, measures)` at every multiple of `every`, and at the last step.

    Args:
        every: int.
        action: callable of the step and the newest measures, see `train`.
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
    """The limits of a training, and what can end it early.

    Attributes:
        max_steps: int, the number of steps in total.
        seconds: number, the time from now, including actions, after which no step begins.
        total_seconds: number, the time of the whole training, including earlier sessions.
        steps_per_call: int, the largest number of steps in one call of the trainer.
        log_every: int, steps between two readings of the measures.
        progress: object with `update(steps)`, such as a tqdm bar, or None.
        callbacks: `KerasCallbacks`, which get the measures and may end the training, or None.
        interruption: object whose `signal` is not None once the training must stop, such as
            `Interruption`, or None.
        cluster: `Cluster` whose workers must make the same decisions, or None.
    """

    max_steps: int
    seconds: float = math.inf
    total_seconds: float = math.inf
    steps_per_call: int = 1
    log_every: int = 10
    progress: object = None
    callbacks: KerasCallbacks | None = None
    interruption: object = None
    cluster: object = None

    def share_done(self, step, seconds_left):
        """Returns the share of the whole training that is done, by its steps or by its time."""
        share_of_time = 1.0 - seconds_left / self.total_seconds
        if math.isinf(self.total_seconds):
            share_of_time = 0.0
        return min(1.0, max(step / max(self.max_steps, 1), share_of_time))

    def is_stopped(self):
        """Whether this process was asked to stop."""
        return self.interruption is not None and self.interruption.signal is not None

    def steps_left(self, step):
        """Returns the number of steps to the next reading of the measures, or to the last step."""
        return min(self.log_every - step % self.log_every, self.max_steps - step)

    def call_back(self, step, measures):
        """Calls the callbacks. Returns whether one of any worker requests the training's end."""
        if self.callbacks is None:
            return False
        self.callbacks(step, measures)
        return bool(self.largest([float(self.callbacks.stop_requested)])[0])

    def largest(self, values):
        """Returns the element-wise maximum of all workers' values, a list of floats."""
        return values if self.cluster is None else self.cluster.largest(values)


class _Pace:
    """Keeps calls of the trainer short, so that a stop takes effect soon.

    With large networks, a long burst or many steps per call would take minutes.
    """

    SECONDS = 2.0

    def __init__(self):
        self.seconds_per_turn = math.inf

    def turns(self):
        """Returns the number of discriminator turns in a call of two seconds, at least 1."""
        return max(1, int(self.SECONDS / self.seconds_per_turn))

    def call(self, function, batches, count, turns):
        """Calls `function(batches, count)`, which takes `turns` turns, and measures its time."""
        begin = time.perf_counter()
        # A GPU is still busy when the call returns. Reading a number waits for it.
        float(function(batches, tf.constant(count))["discriminator_loss"])
        self.seconds_per_turn = (time.perf_counter() - begin) / turns


def train(trainer, batches, actions, session):
    """Trains until the session's steps are done, its time is up, or it is ended early.

    Args:
        trainer: `Trainer`, new or restored.
        batches: iterator of uint8 image batches, starting at the trainer's turn.
        actions: list of `EverySteps`; no call of the trainer skips one. They receive the newest
            means of the measures, which are read at multiples of `log_every` and at the last
            step, see `Trainer.read_measures`.
        session: `Session`.

    Returns:
        Whether the training was stopped, on this or another worker. If so, the actions of the
        last step are not called.

    Raises:
        NonFiniteError: losses or gradients were not finite in `PATIENCE` consecutive turns.
    """
    step, measures = int(trainer.step.numpy()), {}
    end, pace = time.perf_counter() + session.seconds, _Pace()
    # Rates that fall do so with every step, so that a run resumed by steps has the same.
    most = session.steps_per_call if trainer.has_constant_rates else 1
    last, (_, stopped, share) = step >= session.max_steps, _agree(session, pace, step, end)
    while not (last or stopped):
        turns, maximum = int(trainer.turns_left()), pace.turns()
        if not trainer.has_constant_rates:
            trainer.set_learning_rates(share)
        if turns > maximum:
            pace.call(trainer.train_critic, batches, maximum, maximum)
            _, stopped, _ = _agree(session, pace, step, end)
            check_finite(trainer, step)
            continue
        stops = (*(action.steps_until(step) for action in actions), session.steps_left(step))
        count = min(most, *stops, max(1, maximum // turns))
        pace.call(trainer.train_steps, batches, count, count * turns)
        step += count
        late, stopped, share = _agree(session, pace, step, end)
        check_finite(trainer, step)
        last = late or step >= session.max_steps
        if last or step % session.log_every == 0:
            measures = trainer.read_measures()
            last = session.call_back(step, measures) or last
        for action in actions:
            if last or action.is_due(step):
                action.action(step, measures)
        if session.progress is not None:
            session.progress.update(count)
    return stopped


def _agree(session, pace, step, end):
    """Returns whether a worker is out of time, whether one is stopped, and the share that is done.

    Also sets the pace to the slowest worker's.
    """
    left = end - time.perf_counter()
    share = session.share_done(step, left)
    values = pace.seconds_per_turn, left <= 0.0, session.is_stopped(), share
    pace.seconds_per_turn, late, stopped, share = session.largest(list(map(float, values)))
    return bool(late), bool(stopped), share


def fit(trainer, batches, steps, callbacks, log_every):
    """Implements `Trainer.fit`."""
    for name, value, minimum in (("steps", steps, 0), ("log_every", log_every, 1)):
        if value < minimum:
            raise ValueError(f"`{name}` must be at least {minimum}. Received: {value}")
    newest = {}
    action = EverySteps(log_every, lambda step, measures: newest.update(measures))
    session = Session(int(trainer.step.numpy()) + steps, log_every=log_every)
    with KerasCallbacks(callbacks, trainer.averaged_generator) as session.callbacks:
        try:
            train(trainer, iterator_of(batches, trainer.config.batch_size), [action], session)
        except tf.errors.OutOfRangeError as error:
            raise ValueError(
                f"`batches` must have a batch for each turn of {steps} steps. Received: fewer"
            ) from error
    return newest


def check_finite(trainer, step):
    """Raises NonFiniteError after `PATIENCE` consecutive turns that were not finite."""
    found = trainer.first_nonfinite()
    if found:
        what, turn = found
        raise NonFiniteError(
            f"Training stopped at step {step}: the {what} was not finite in {PATIENCE} "
            "consecutive turns, so they made no update. The last checkpoint is kept; try lower "
            "learning rates, or --precision=float32.",
            turn,
        )
