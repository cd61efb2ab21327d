"""Generators and discriminators with labels."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces import models
from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.models.frozen import FrozenGenerator

LABELS = {"serious": 0.7, "smiling": 0.3}


@pytest.mark.parametrize("name", models.ARCHITECTURES)
def test_a_generator_with_labels_takes_latents_of_the_same_length(name):
    generator = models.build_generator(name, latent_dim=16, width=0.1, labels=LABELS)
    latents = latents_from_seeds(tf.range(4, dtype=tf.int64), 16)
    layer = generator.get_layer("label")
    images = [generator(layer.chosen(latents, [label] * 4), training=False) for label in (0, 1)]
    assert images[0].shape == (4, 32, 32, 3)
    assert np.abs(images[0] - images[1]).max() > 0
    np.testing.assert_allclose(FrozenGenerator(generator)(latents), generator(latents), atol=1e-5)
    plain = models.build_generator(name, latent_dim=17, width=0.1)
    assert generator.count_params() == plain.count_params()


@pytest.mark.parametrize(
    ("name", "critic"),
    [*((name, "own") for name in models.ARCHITECTURES), ("exercise", "batch_norm")],
)
def test_the_logit_is_that_of_the_image_plus_a_product_with_the_labels_vector(name, critic, rng):
    """Miyato and Koyama, 2018, equation 3."""
    discriminator = models.build_discriminator(name, width=0.1, critic=critic, labels=LABELS)
    images = rng.uniform(-1, 1, (5, 32, 32, 3)).astype(np.float32)
    labels = np.eye(2, dtype=np.float32)[[0, 1, 1, 0, 1]]
    end = "logit" if critic == "own" else "score"
    logit, products = (discriminator.get_layer(layer) for layer in (end, "products"))
    features = keras.Model(discriminator.inputs[0], logit.input)(images).numpy()
    vectors = products.kernel.numpy().T[labels.argmax(1)]
    expected = features @ logit.kernel.numpy() + (logit.bias.numpy() if logit.use_bias else 0.0)
    expected += (features * vectors).sum(1, keepdims=True)
    np.testing.assert_allclose(discriminator([images, labels]), expected, rtol=1e-4, atol=1e-5)


def test_spectral_normalization_applies_to_the_vectors_of_labels_too():
    discriminator = models.build_discriminator(
        "light", width=0.1, labels=LABELS, spectral_normalization=True
    )
    assert discriminator.get_layer("products_normalized").layer.kernel.shape[-1] == 2
