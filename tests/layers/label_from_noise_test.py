import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.layers import LabelFromNoise


@pytest.fixture
def layer():
    return LabelFromNoise(["none", "some", "many"], [0.5, 0.3, 0.2])


@pytest.fixture
def latents():
    return latents_from_seeds(tf.range(20_000, dtype=tf.int64), 65)


def test_thresholds_are_normal_quantiles(layer):
    """Of 0.5 and 0.8 between labels, of 0.25, 0.65 and 0.9 in their middles; from tables."""
    np.testing.assert_allclose(layer.thresholds, [0.0, 0.84162], atol=1e-5)
    np.testing.assert_allclose(layer.middles, [-0.67449, 0.38532, 1.28155], atol=1e-5)


def test_the_last_number_over_the_root_mean_square_of_the_others_chooses(layer):
    latents = tf.constant([[3.0, -3.0, 2.5], [3.0, -3.0, 2.6], [0.1, 0.1, -0.1], [0.0, 0.0, 0.0]])
    labels = [[0, 1, 0], [0, 0, 1], [1, 0, 0], [1, 0, 0]]  # 0.833, 0.867, -1 and 0
    np.testing.assert_array_equal(layer.labels(latents), labels)
    np.testing.assert_array_equal(layer(latents), np.hstack([latents[:, :2], labels]))


def test_noise_has_each_label_as_often_as_its_share(layer, latents):
    shares = layer.labels(latents).numpy().mean(0)
    np.testing.assert_allclose(shares, [0.5, 0.3, 0.2], atol=0.012)  # 3 standard deviations


def test_a_label_does_not_change_when_latents_are_scaled(layer, latents):
    for factor in (0.01, 0.5, 30.0):
        np.testing.assert_array_equal(layer.labels(factor * latents), layer.labels(latents))


def test_latents_can_be_given_labels(layer, latents):
    wanted = np.arange(len(latents)) % 3
    chosen = layer.chosen(latents, wanted)
    np.testing.assert_array_equal(np.argmax(layer.labels(chosen), 1), wanted)
    np.testing.assert_array_equal(chosen[:, :-1], latents[:, :-1])


def test_the_average_face_can_be_given_labels_too(layer):
    """Its latent is zero: that of truncation 0."""
    chosen = layer.chosen(tf.zeros((3, 65)), [0, 1, 2])
    np.testing.assert_array_equal(layer.labels(chosen), np.eye(3))
    np.testing.assert_allclose(chosen, np.zeros((3, 65)), atol=1e-15)


def test_a_pinned_label_replaces_the_choice(layer, latents):
    layer.label = 2
    np.testing.assert_array_equal(layer(latents)[:, -3:], np.tile([0, 0, 1], (len(latents), 1)))


def test_it_is_restored_from_its_configuration(layer, latents):
    layer.label = 1
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    np.testing.assert_array_equal(copy(latents), layer(latents))
    assert layer.compute_output_shape((None, 65)) == (None, 67)


def test_it_computes_in_float32_in_a_network_of_bfloat16():
    with keras.device("cpu"):
        layer = LabelFromNoise(["a", "b"], [0.5, 0.5], dtype="mixed_bfloat16")
    assert layer(tf.ones((1, 3))).dtype == tf.float32


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["a"], [1.0]), "at least two different labels"),
        ((["a", "a"], [0.5, 0.5]), "at least two different labels"),
        ((["a", "b"], [1.0]), "2 positive numbers"),
        ((["a", "b"], [1.0, 0.0]), "2 positive numbers"),
        ((["a", "b"], [0.5, 0.5], 2), "less than 2"),
        ((["a", "b"], [0.5, 0.5], -1), "less than 2"),
    ],
)
def test_invalid_arguments_are_rejected(arguments, message):
    with pytest.raises(ValueError, match=f"{message}.*Received: "):
        LabelFromNoise(*arguments)
