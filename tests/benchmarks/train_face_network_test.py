import numpy as np
import pytest
import tensorflow as tf

from benchmarks import train_face_network as script


def test_contrastive_loss_of_four_embeddings(monkeypatch):
    """Each of two people has an axis: one cosine per embedding is 1, two are 0."""
    monkeypatch.setattr(script, "_TEMPERATURE", 1.0)
    embeddings = tf.constant([[2.0, 0.0], [1.0, 0.0], [0.0, 3.0], [0.0, 1.0]])
    loss = script.contrastive_loss(embeddings, tf.constant([0, 0, 1, 1]))
    assert float(loss) == pytest.approx(-np.log(np.e / (np.e + 2)), rel=1e-5)


def test_distortions_keep_the_mean_and_have_the_given_strength(rng):
    images = tf.constant(rng.uniform(-1, 1, (3, 64, 64, 3)), tf.float32)
    blurred = script.distorted(images, tf.constant([0, 2, 4]), tf.zeros(3))
    spread = np.std(blurred, (1, 2, 3))
    np.testing.assert_allclose(blurred[0], images[0])
    assert spread[0] > spread[1] > spread[2]
    np.testing.assert_allclose(np.mean(blurred, (1, 2, 3)), np.mean(images, (1, 2, 3)), atol=0.02)
    noisy = script.distorted(images, tf.zeros(3, tf.int32), tf.fill([3], 0.2)) - images
    assert np.std(noisy) == pytest.approx(0.2, rel=0.05)


def test_each_pair_shows_one_person():
    names = np.array([f"p{number // 2}" for number in range(400)] + ["alone"])
    indices, people = next(script._pairs(np.random.default_rng(0), names))
    assert len(indices) == 2 * script.PAIRS
    assert (names[indices[::2]] == names[indices[1::2]]).all()
    assert len(set(people)) == script.PAIRS
