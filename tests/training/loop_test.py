import pytest
import tensorflow as tf

from tfgan_faces.errors import NonFiniteError
from tfgan_faces.training.loop import EverySteps, train


class CountingTrainer:
    """Counts its steps; its loss is NaN at `bad_step`."""

    def __init__(self, step=0, bad_step=None):
        self.step, self.bad_step, self.calls = tf.Variable(step), bad_step, []

    def train_steps(self, batches, steps):
        self.step.assign_add(int(steps))
        self.calls.append(int(steps))
        bad = int(self.step) == self.bad_step
        return {"discriminator_loss": 0.5, "generator_loss": float("nan") if bad else 0.5}


def test_actions_are_called_at_multiples_and_at_the_end():
    calls = []
    action = EverySteps(3, calls.append)
    train(CountingTrainer(step=2), iter(()), 8, [action])
    assert calls == [3, 6, 8]


def test_non_finite_loss_stops_and_is_named():
    seen = []
    every = EverySteps(1, seen.append)
    with pytest.raises(NonFiniteError, match="step 4 the generator_loss became nan"):
        train(CountingTrainer(bad_step=4), iter(()), 9, [every])
    assert seen == [1, 2, 3]


def test_several_steps_a_call_never_leap_over_an_action():
    calls, seen = [], []
    trainer = CountingTrainer(step=1)
    actions = [EverySteps(5, calls.append), EverySteps(8, calls.append)]
    train(trainer, iter(()), 12, actions, steps_per_call=3, progress=seen.append)
    assert trainer.calls == [3, 1, 3, 2, 2]  # to 4, 5, 8, 10, 12
    assert calls == [5, 8, 10, 12, 12]
    assert seen[-1] == 12


def test_time_ends_a_training_with_its_last_actions():
    calls = []
    trainer = CountingTrainer()
    train(trainer, iter(()), 100, [EverySteps(50, calls.append)], seconds=0.0)
    assert trainer.calls == [1]
    assert calls == [1]


def test_nothing_is_done_when_all_steps_are_done():
    calls = []
    train(CountingTrainer(step=5), iter(()), 5, [EverySteps(1, calls.append)])
    assert calls == []
