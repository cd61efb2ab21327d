"""Steps of a critic whose weights are clipped."""

import numpy as np
import pytest
import tensorflow as tf

from tests.training.small_trainers import build, steps, weights
from tfgan_faces.data.batches import pipeline


def test_critic_turns_follow_the_papers_schedule(photos, monkeypatch):
    trainer = build(loss="wasserstein", critic_steps=3, critic_bursts=True)
    monkeypatch.setattr(type(trainer.schedule), "MANY", 4)
    monkeypatch.setattr(type(trainer.schedule), "FIRST", 2)
    steps(trainer, photos, 5)
    # 4 in each of the first two steps, then 3
    assert int(trainer.turns) == 2 * 4 + 3 * 3
    assert int(trainer.step) == 5


def test_a_split_burst_gives_the_same_weights(photos, monkeypatch):
    results = []
    for pieces in ((), (1, 2)):
        trainer = build(loss="wasserstein", critic_bursts=True)
        monkeypatch.setattr(type(trainer.schedule), "MANY", 5)
        batches = iter(pipeline.batches(photos, 4, 0))
        for turns in pieces:
            measures = trainer.train_critic(batches, tf.constant(turns))
            assert np.isfinite(measures["discriminator_loss"])
        assert trainer.turns_left() == 5 - sum(pieces)
        trainer.train_step(batches)
        assert int(trainer.turns) == 5
        results.append(weights(trainer.discriminator) + weights(trainer.generator))
    for whole, in_pieces in zip(*results):
        np.testing.assert_array_equal(whole, in_pieces)


def test_critic_weights_stay_within_the_clip_value(photos):
    trainer = build(loss="wasserstein", clip_value=0.02)
    largest = [np.abs(w).max() for w in weights(trainer.discriminator)]
    assert max(largest) == np.float32(0.02)  # from the first turn on
    steps(trainer, photos, 2)
    largest = [np.abs(w).max() for w in weights(trainer.discriminator)]
    assert max(largest) == np.float32(0.02)
    assert max(np.abs(w).max() for w in weights(trainer.generator)) > 0.02


def test_the_norm_of_the_gradient_is_without_the_loss_scale_of_float16(photos):
    def norm(precision):
        trainer = build(loss="wasserstein", precision=precision)
        return steps(trainer, photos, 1)[0]["critic_gradient_norm"]

    assert norm("mixed_float16") == pytest.approx(norm("float32"), rel=0.05)


def test_estimate_is_the_difference_of_mean_scores(photos):
    trainer = build(loss="wasserstein")
    row = steps(trainer, photos, 1)[0]
    assert row["distance_estimate"] == pytest.approx(-row["discriminator_loss"], rel=1e-5)
