import types

import pytest
import tensorflow as tf

from tfgan_faces.errors import NonFiniteError
from tfgan_faces.training import loop
from tfgan_faces.training.loop import EverySteps, Session, train


@pytest.fixture(autouse=True)
def turns_of_a_call(monkeypatch):
    """Allows any number of turns per call, so that this machine's speed has no effect."""
    monkeypatch.setattr(loop._Pace, "turns", lambda self: 1000)


class CountingTrainer:
    """Counts its steps, each of `turns` turns, and reports a non-finite loss at `bad_step`."""

    has_constant_rates = True

    def __init__(self, step=0, bad_step=None, turns=1):
        self.step, self.bad_step, self.calls = tf.Variable(step), bad_step, []
        self.turns, self.taken = turns, 0

    def turns_left(self):
        return self.turns - self.taken

    def train_critic(self, batches, turns):
        self.taken += int(turns)
        self.calls.append(f"{int(turns)} turns")
        return {"discriminator_loss": 0.5}

    def train_steps(self, batches, steps):
        self.step.assign_add(int(steps))
        self.taken = 0
        self.calls.append(int(steps))
        return {"discriminator_loss": 0.5}

    def read_measures(self):
        return {"discriminator_loss": float(self.step.numpy())}

    def first_nonfinite(self):
        return ("loss of the generator", 77) if int(self.step) == self.bad_step else None


def every(steps, calls):
    """Returns an action that records the steps at which it is called."""
    return EverySteps(steps, lambda step, measures: calls.append(step))


def test_actions_are_called_at_multiples_and_at_the_end():
    calls = []
    train(CountingTrainer(step=2), iter(()), [every(3, calls)], Session(8))
    assert calls == [3, 6, 8]


class FallingTrainer(CountingTrainer):
    """Records the share of the training that is done before each step."""

    has_constant_rates = False

    def __init__(self, step=0):
        super().__init__(step)
        self.shares = []

    def set_learning_rates(self, share):
        self.shares.append(share)


@pytest.mark.parametrize("first", [0, 2])
def test_rates_that_change_are_set_before_each_step(first):
    """A resumed run has the same rates, however many steps a call may have."""
    trainer = FallingTrainer(first)
    train(trainer, iter(()), [], Session(4, steps_per_call=3))
    assert trainer.shares == [0.0, 0.25, 0.5, 0.75][first:]
    assert trainer.calls == [1] * (4 - first)


def test_the_share_that_is_done_is_that_of_the_steps_or_of_the_time():
    assert Session(100, total_seconds=60.0).share_done(30, 45.0) == 0.3
    assert Session(100, total_seconds=60.0).share_done(10, 45.0) == 0.25
    assert Session(100, total_seconds=60.0).share_done(10, -1.0) == 1.0
    assert Session(100).share_done(10, float("inf")) == 0.1
    assert Session(0).share_done(0, float("inf")) == 0.0


def test_actions_get_the_newest_measures():
    seen = []
    action = EverySteps(2, lambda step, measures: seen.append((step, dict(measures))))
    train(CountingTrainer(), iter(()), [action], Session(5, log_every=4))
    loss = "discriminator_loss"
    assert seen == [(2, {}), (4, {loss: 4.0}), (5, {loss: 5.0})]


def test_lasting_nonfinite_losses_stop_the_training_and_are_named():
    seen = []
    with pytest.raises(NonFiniteError, match="at step 4: the loss of the generator") as caught:
        train(CountingTrainer(bad_step=4), iter(()), [every(1, seen)], Session(9))
    assert caught.value.turn == 77
    assert seen == [1, 2, 3]


def test_several_steps_per_call_never_skip_an_action():
    calls, bar = [], types.SimpleNamespace(n=1)
    bar.update = lambda steps: setattr(bar, "n", bar.n + steps)
    trainer = CountingTrainer(step=1)
    actions = [every(5, calls), every(8, calls)]
    train(trainer, iter(()), actions, Session(12, steps_per_call=3, progress=bar))
    assert trainer.calls == [3, 1, 3, 2, 2]  # to 4, 5, 8, 10, 12
    assert calls == [5, 8, 10, 12, 12]
    assert bar.n == 12


def test_the_time_limit_ends_a_training_with_its_last_actions():
    calls = []
    trainer = CountingTrainer()
    train(trainer, iter(()), [every(50, calls)], Session(100, seconds=0.0))
    assert trainer.calls == [1]
    assert calls == [1]


def test_no_action_is_called_if_all_steps_are_done():
    calls = []
    train(CountingTrainer(step=5), iter(()), [every(1, calls)], Session(5))
    assert calls == []


def test_a_burst_is_split_into_calls(monkeypatch):
    monkeypatch.setattr(loop._Pace, "turns", lambda self: 10)
    trainer = CountingTrainer(turns=25)
    train(trainer, iter(()), [], Session(2))
    assert trainer.calls == 2 * ["10 turns", "10 turns", 1]


def test_the_pace_limits_the_steps_per_call(monkeypatch):
    monkeypatch.setattr(loop._Pace, "turns", lambda self: 10)
    trainer = CountingTrainer(turns=5)
    train(trainer, iter(()), [], Session(7, steps_per_call=100))
    assert trainer.calls == [2, 2, 2, 1]


class SlowNumber:
    """A number that a GPU has not computed yet."""

    def __init__(self, events):
        self.events = events

    def __float__(self):
        self.events.append("number")
        return 0.5


def test_the_clock_is_read_after_the_work_is_done(monkeypatch):
    events = []
    monkeypatch.setattr(loop.time, "perf_counter", lambda: float(events.append("clock") or 0.0))
    loop._Pace().call(lambda *_: {"discriminator_loss": SlowNumber(events)}, None, 1, 1)
    assert events == ["clock", "number", "clock"]


def test_the_pace_is_two_seconds_per_call(monkeypatch):
    monkeypatch.undo()
    times = iter([0.0, 12.0, 20.0, 21.0])
    monkeypatch.setattr(loop.time, "perf_counter", lambda: next(times))
    pace, done = loop._Pace(), lambda *_: {"discriminator_loss": 0.5}
    assert pace.turns() == 1  # nothing is known yet
    pace.call(done, None, 1, 1)
    assert pace.turns() == 1  # the first call is slow
    pace.call(done, None, 8, 16)
    assert pace.turns() == 32


def test_a_stop_ends_the_training_after_the_call_without_last_actions():
    class SignalAtStepTwo:
        @property
        def signal(self):
            return 2 if trainer.step >= 2 else None

    calls, trainer = [], CountingTrainer()
    session = Session(9, interruption=SignalAtStepTwo())
    assert train(trainer, iter(()), [every(4, calls)], session)
    assert int(trainer.step) == 2
    assert calls == []


class StopAt:
    """Stands in for `KerasCallbacks`; requests the end of the training at a step."""

    def __init__(self, step, calls):
        self.step, self.calls, self.stop_requested = step, calls, False

    def __call__(self, step, measures):
        self.calls.append(("callbacks", step, dict(measures)))
        self.stop_requested = step >= self.step


def test_a_callback_that_ends_the_training_skips_no_action():
    """The checkpoint comes last, whatever the intervals, and gets the newest measures."""
    calls = []

    def action(name):
        return lambda step, measures: calls.append((name, step, dict(measures)))

    actions = [EverySteps(100, action("samples")), EverySteps(4, action("checkpoint"))]
    session = Session(9, log_every=4, callbacks=StopAt(4, calls))
    assert not train(CountingTrainer(), iter(()), actions, session)
    measures = {"discriminator_loss": 4.0}
    assert calls == [(name, 4, measures) for name in ("callbacks", "samples", "checkpoint")]


def test_callbacks_are_called_whenever_the_measures_are_read():
    calls, callbacks = [], StopAt(100, [])
    session = Session(8, steps_per_call=5, log_every=3, callbacks=callbacks)
    train(CountingTrainer(), iter(()), [every(4, calls)], session)
    assert [step for _, step, _ in callbacks.calls] == [3, 6, 8]
    assert calls == [4, 8]


def test_an_end_that_is_requested_before_the_first_step_waits_for_measures():
    """A callback may do so in `on_train_begin`, or from another thread."""
    calls, callbacks = [], StopAt(0, [])
    callbacks.stop_requested = True
    session = Session(9, log_every=3, callbacks=callbacks)
    train(CountingTrainer(), iter(()), [every(1, calls)], session)
    assert calls == [1, 2, 3]
