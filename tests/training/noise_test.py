import numpy as np
import tensorflow as tf

from tfgan_faces.training.noise import FAKES, OWN_FAKES, PHOTO_CHANGES, Noise


def noise(turn=3, seed=5):
    return Noise(seed, 4, tf.Variable(turn, dtype=tf.int64))


def test_shapes_match_the_batch():
    assert noise().latents(7, FAKES).shape == (4, 7)
    assert noise().changes(PHOTO_CHANGES).shape == (4, 7)
    assert noise().points().shape == (4, 1)


def test_numbers_are_a_function_of_seed_turn_and_purpose():
    first = noise().latents(7, FAKES)
    np.testing.assert_array_equal(noise().latents(7, FAKES), first)
    for other in (
        noise(turn=4).latents(7, FAKES),
        noise(seed=6).latents(7, FAKES),
        noise().latents(7, OWN_FAKES),
    ):
        assert np.abs(other - first).min() > 0


def test_a_replica_takes_its_rows_of_the_whole_batch(monkeypatch):
    whole = noise().latents(7, FAKES).numpy()

    class Second:
        num_replicas_in_sync, replica_id_in_sync_group = 2, 1

    monkeypatch.setattr(tf.distribute, "get_replica_context", Second)
    np.testing.assert_array_equal(noise().latents(7, FAKES), whole[2:])
