import keras
import numpy as np
import pytest

from tfgan_faces.config import Config, TrainingConfig
from tfgan_faces.data.batches import pipeline
from tfgan_faces.training.noise import OWN_FAKES
from tfgan_faces.training.trainer import Trainer


def build(norm=None, **settings):
    """Returns a trainer of small networks without dropout, and with a norm in the generator."""
    keras.utils.set_random_seed(1)
    latents, images = keras.Input((8,)), keras.Input((4, 4, 3))
    x = keras.layers.Reshape((4, 4, 4))(keras.layers.Dense(64)(latents))
    x = norm(x) if norm else x
    generator = keras.Model(
        latents, keras.layers.Conv2D(3, 3, activation="tanh", padding="same")(x)
    )
    x = keras.layers.Conv2D(8, 3, activation="softplus", padding="same")(images)
    x = keras.layers.Flatten()(x)
    discriminator = keras.Model(images, keras.layers.Dense(1, use_bias=False)(x))
    settings = {"batch_size": 8, "precision": "float32", "augment": "translation", **settings}
    config = Config(training=TrainingConfig(**settings)).resolved()
    return Trainer(generator, discriminator, config.training)


def weights_after_a_step(photos, **settings):
    trainer = build(balance="none", **settings)
    before = [*trainer.generator.get_weights(), *trainer.discriminator.get_weights()]
    measures = trainer.train_step(iter(pipeline.batches(photos, 8, 0)))
    after = [*trainer.generator.get_weights(), *trainer.discriminator.get_weights()]
    assert all(np.abs(new - old).max() > 0 for new, old in zip(after, before))
    return after, {name: float(value) for name, value in measures.items()}


@pytest.mark.parametrize("loss", ["non_saturating", "hinge"])
@pytest.mark.parametrize("reuse_fakes", [False, True])
def test_parts_give_the_update_of_the_whole_batch(photos, loss, reuse_fakes):
    """No layer mixes the images, so that the parts' means are those of the batch."""
    settings = {"loss": loss, "reuse_fakes": reuse_fakes, "r1": 1.0, "optimizer": "adam"}
    whole, parts = (weights_after_a_step(photos, **settings, batch_parts=n) for n in (1, 4))
    for one, other in zip(whole[0], parts[0]):
        np.testing.assert_allclose(other, one, rtol=1e-3, atol=1e-6)
    # Of each part's brightness, not of the batch's.
    del whole[1]["brightness_correlation"]
    assert parts[1] == {**parts[1], **{key: pytest.approx(x, 1e-4) for key, x in whole[1].items()}}


def test_a_batch_norm_measures_each_part_alone(photos):
    """Without momentum, the moving mean is the mean of the last part that was generated."""
    norm = keras.layers.BatchNormalization(momentum=0.0)
    trainer = build(norm=norm, batch_parts=2)
    inputs = keras.Model(trainer.generator.input, norm.input)
    trainer.turns.assign(1)  # the generator's turn comes after the discriminator's
    latents = trainer.objectives[1].noise.latents(8, OWN_FAKES)
    expected = inputs(latents).numpy().mean((0, 1, 2))
    trainer.turns.assign(0)
    trainer.train_step(iter(pipeline.batches(photos, 8, 0)))
    assert latents.shape == (4, 8)
    np.testing.assert_allclose(norm.moving_mean.numpy(), expected, rtol=1e-5)
