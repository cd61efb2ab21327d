"""Steps in which a loss or a gradient is not finite."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests.training.small_trainers import build, changed, steps, weights


def replace_loss(trainer, **functions):
    for objective in trainer.objectives:
        objective.loss = dataclasses.replace(objective.loss, **functions)


@pytest.mark.parametrize("reuse_fakes", [False, True])
def test_no_update_is_made_and_training_continues(photos, reuse_fakes):
    trainer = build(balance="none", reuse_fakes=reuse_fakes)
    factors = {name: tf.Variable(1.0) for name in ("generator", "discriminator")}
    for name, factor in factors.items():
        real = getattr(trainer.objectives[0].loss, name)

        def broken(*logits, real=real, factor=factor, **settings):
            return real(*logits, **settings) * factor

        replace_loss(trainer, **{name: broken})
    for name, factor in factors.items():
        model = getattr(trainer, name)
        before = weights(model)
        factor.assign(np.nan)
        steps(trainer, photos, 2, first=int(trainer.turns))
        assert not changed(before, model)
        assert trainer.first_nonfinite() is None
        factor.assign(1.0)
        steps(trainer, photos, 1, first=int(trainer.turns))
        assert changed(before, model)
        assert all(np.isfinite(values).all() for values in weights(model))
        assert int(trainer.updates[name].skipped) == 2
        assert all(np.isfinite(value) for value in trainer.measures.read().values())


def test_a_lasting_failure_is_reported_with_its_network_and_turn(photos):
    trainer = build(balance="none")
    replace_loss(trainer, discriminator=lambda real, fake, **_: np.inf * tf.reduce_mean(real))
    steps(trainer, photos, 10)
    assert trainer.first_nonfinite() == ("loss of the discriminator", 9)


@pytest.mark.parametrize("reuse_fakes", [False, True])
def test_a_failure_of_the_generator_is_reported_with_its_turn(photos, reuse_fakes):
    """This is turn 9, the tenth. Turn 10 has not been taken yet."""
    trainer = build(balance="none", reuse_fakes=reuse_fakes)
    replace_loss(trainer, generator=lambda fake: np.inf * tf.reduce_mean(fake))
    steps(trainer, photos, 10)
    assert trainer.first_nonfinite() == ("loss of the generator", 9)


def test_skipped_turns_do_not_hide_a_lasting_failure(photos):
    trainer = build(balance="none")
    turn = trainer.turns
    trainer.balance.decide = lambda *errors: (turn % 2 == 0, tf.constant(True))
    replace_loss(
        trainer,
        discriminator=lambda real, fake, **_: (
            tf.where(turn % 2 == 0, np.inf, 1.0) * tf.reduce_mean(real)
        ),
    )
    steps(trainer, photos, 19)
    assert trainer.first_nonfinite() == ("loss of the discriminator", 18)


def test_float16_gradients_that_overflow_at_every_scale_are_a_failure(photos):
    trainer = build(precision="mixed_float16", balance="none")
    trainer.updates["discriminator"].optimizer.dynamic_scale.assign(4.0)

    @tf.custom_gradient
    def overflowing(logits):
        return logits, lambda upstream: upstream * np.inf

    loss = trainer.objectives[0].loss.discriminator
    replace_loss(
        trainer,
        discriminator=lambda real, fake, **settings: loss(overflowing(real), fake, **settings),
    )
    steps(trainer, photos, 11)
    assert trainer.first_nonfinite() is None  # the scales 4 and 2 are halved, and do not count
    steps(trainer, photos, 1, first=11)
    assert "gradient of " in trainer.first_nonfinite()[0]
