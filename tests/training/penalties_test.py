"""Steps with penalties of gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training.small_trainers import build, changed, steps, weights
from tfgan_faces.data.batches import pipeline

PRECISIONS = [
    ("exercise", "float32"),
    ("blog", "mixed_bfloat16"),
    ("modern", "mixed_bfloat16"),
    ("light", "float32"),
]
PENALISED = [
    {"loss": "relativistic", "r1": 0.5, "r2": 0.5},
    {"loss": "relativistic", "r1": 0.5, "penalty_every": 2, "reuse_fakes": True},
    {"loss": "wasserstein_gp", "critic_steps": 1},
    {"loss": "non_saturating", "balance": "none", "r1": 1.0, "penalty_every": 2},
]


@pytest.mark.parametrize(
    ("architecture", "precision", "settings"),
    [
        pytest.param(*networks, settings, marks=() if row == column else pytest.mark.long)
        for row, networks in enumerate(PRECISIONS)
        for column, settings in enumerate(PENALISED)
    ],
)
def test_paired_and_penalised_objectives_train(architecture, precision, settings, larger_photos):
    photos, trainer = larger_photos, build(architecture, precision, **settings)
    before = weights(trainer.generator), weights(trainer.discriminator)
    rows = steps(trainer, photos, 4)
    assert all(np.isfinite(value) for row in rows for value in row.values())
    assert changed(before[0], trainer.generator)
    assert changed(before[1], trainer.discriminator)
    every = settings.get("penalty_every", 1)
    assert [row["penalty"] > 0 for row in rows] == [step % every == 0 for step in range(4)]


def test_a_lazy_penalty_is_multiplied_by_its_interval(photos):
    eager, lazy = (build(loss="relativistic", r1=1.0, penalty_every=every) for every in (1, 16))
    once, sixteenfold = (steps(trainer, photos, 1)[0]["penalty"] for trainer in (eager, lazy))
    assert sixteenfold == pytest.approx(16 * once, rel=1e-4)


def test_r1_is_half_gamma_times_the_squared_gradient_at_the_photos(larger_photos):
    trainer = build("modern", loss="relativistic", r1=3.0, augment="none")
    discriminator = keras.models.clone_model(trainer.discriminator)
    discriminator.set_weights(trainer.discriminator.get_weights())
    batch = next(iter(pipeline.batches(larger_photos, 4, 0)))
    images = tf.Variable(tf.cast(batch, tf.float32) / 127.5 - 1.0)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(discriminator(images))
    expected = 1.5 * np.mean(np.sum(tape.gradient(total, images).numpy() ** 2, (1, 2, 3)))
    assert steps(trainer, larger_photos, 1)[0]["penalty"] == pytest.approx(expected, rel=1e-4)
