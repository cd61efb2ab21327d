"""Trainings of networks with labels."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.config import Config, TrainingConfig
from tfgan_faces.layers import LabelFromNoise
from tfgan_faces.objectives.losses import LOSSES
from tfgan_faces.training.objective import Images
from tfgan_faces.training.trainer import Trainer

BATCH = 8


@pytest.fixture
def batches(rng):
    """Endless batches of photos of two kinds: the first are dark, the second bright."""
    labels = np.int32([0, 1] * (BATCH // 2))
    photos = (rng.integers(0, 60, (BATCH, 4, 4, 3)) + 180 * labels[:, None, None, None]).astype(
        np.uint8
    )
    return iter(tf.data.Dataset.from_tensors((photos, labels)).repeat())


def build(**settings):
    keras.utils.set_random_seed(1)
    latents = keras.Input((9,))
    x = LabelFromNoise(["dark", "bright"], [0.5, 0.5], name="label")(latents)
    x = keras.layers.Dense(48, "tanh")(x)
    generator = keras.Model(latents, keras.layers.Reshape((4, 4, 3))(x))
    images, labels = keras.Input((4, 4, 3)), keras.Input((2,))
    features = keras.layers.Dense(16, "softplus")(keras.layers.Flatten()(images))
    product = keras.layers.Dot(1)([keras.layers.Dense(2, use_bias=False)(features), labels])
    logits = keras.layers.Add()([keras.layers.Dense(1)(features), product])
    settings = {"batch_size": BATCH, "precision": "float32", "augment": "none", **settings}
    config = Config(training=TrainingConfig(**settings)).resolved()
    return Trainer(generator, keras.Model([images, labels], logits), config.training)


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_trains_both_networks(batches, loss, parts):
    penalties = {} if LOSSES[loss].needs_bound else {"r1": 0.1, "r2": 0.1}
    trainer = build(loss=loss, batch_parts=parts, **penalties)
    networks = trainer.generator, trainer.discriminator
    before = [network.get_weights() for network in networks]
    measures = [trainer.train_step(batches) for _ in range(3)]
    assert all(np.isfinite(value) for row in measures for value in row.values())
    for network, old in zip(networks, before):
        changes = [np.abs(new - was).max() for new, was in zip(network.get_weights(), old)]
        assert max(changes) > 0


def test_photos_are_judged_with_their_labels_and_fakes_with_those_of_their_latents(
    batches, monkeypatch
):
    trainer, judged = build(), []
    (objective,) = trainer.objectives
    monkeypatch.setattr(
        type(objective), "_logits", lambda self, images: judged.append(images) or tf.zeros((16, 1))
    )
    photos, labels = next(batches)
    fakes = objective.fakes((photos, labels))
    objective.discriminator_loss((photos, labels), fakes, None)
    latents = objective.noise.latents(9, purpose=0)
    of_fakes = trainer.generator.get_layer("label").labels(latents)
    expected = np.concatenate([np.eye(2)[labels.numpy()], of_fakes])
    np.testing.assert_array_equal(judged[0].labels, expected)
    np.testing.assert_array_equal(fakes.pixels, trainer.generator(latents))


def test_the_generator_learns_what_a_label_looks_like(batches):
    trainer = build(balance="none", generator_learning_rate=5e-3, discriminator_learning_rate=5e-3)
    trainer.train_steps(batches, tf.constant(300))
    latents = tf.random.stateless_normal((64, 9), (0, 1))
    layer = trainer.generator.get_layer("label")
    dark, bright = (
        float(tf.reduce_mean(trainer.generator(layer.chosen(latents, [label] * 64))))
        for label in (0, 1)
    )
    assert bright - dark > 0.7  # the photos differ by 180 of 127.5 grey levels, 1.4


def test_rows_of_images_and_their_concatenation_keep_labels_beside_pixels():
    images = Images(tf.range(6.0), tf.range(6))
    rows = images.rows(4, None).and_then(images.rows(None, 2))
    assert rows.pixels.numpy().tolist() == rows.labels.numpy().tolist() == [4, 5, 0, 1]
    assert Images(tf.range(2.0), None).and_then(Images(tf.range(1.0), None)).labels is None
