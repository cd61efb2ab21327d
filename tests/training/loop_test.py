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
    action = EverySteps(3, calls.append, last=8)
    train(CountingTrainer(step=2), iter(()), 8, [action])
    assert calls == [3, 6, 8]


def test_non_finite_loss_stops_and_is_named():
    seen = []
    every = EverySteps(1, seen.append, last=9)
    with pytest.raises(NonFiniteError, match="step 4 the generator_loss became nan"):
        train(CountingTrainer(bad_step=4), iter(()), 9, [every])
    assert seen == [1, 2, 3]


def test_several_steps_a_call_never_leap_over_an_action():
    calls, seen = [], []
    trainer = CountingTrainer(step=1)
    actions = [EverySteps(5, calls.append, last=12), EverySteps(8, calls.append, last=12)]
    train(trainer, iter(()), 12, actions, steps_per_call=3, progress=seen.append)
    assert trainer.calls == [3, 1, 3, 2, 2]  # to 4, 5, 8, 10, 12
    assert calls == [5, 8, 10, 12, 12]
    assert seen[-1] == 12
