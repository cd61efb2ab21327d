import pytest
import tensorflow as tf

from tfgan_faces.errors import NonFiniteError
from tfgan_faces.training.loop import EverySteps, train


class CountingTrainer:
    """Counts its steps; its loss is NaN at `bad_step`."""

    def __init__(self, step=0, bad_step=None):
        self.step, self.bad_step = tf.Variable(step), bad_step

    def train_step(self, batches):
        self.step.assign_add(1)
        bad = int(self.step) == self.bad_step
        return {"discriminator_loss": 0.5, "generator_loss": float("nan") if bad else 0.5}


def test_actions_are_called_at_multiples_and_at_the_end():
    calls = []
    action = EverySteps(3, calls.append, last=8)
    train(CountingTrainer(step=2), iter(()), 8, [action])
    assert calls == [3, 6, 8]


def test_non_finite_loss_stops_and_is_named():
    seen = []
    with pytest.raises(NonFiniteError, match="step 4 the generator_loss became nan"):
        train(CountingTrainer(bad_step=4), iter(()), 9, [seen.append])
    assert seen == [1, 2, 3]
