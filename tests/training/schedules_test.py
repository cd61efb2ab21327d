import tensorflow as tf

from tfgan_faces.training.schedules import CriticTurns, EqualTurns


def test_wgan_turns_of_the_paper():
    schedule = CriticTurns(critic_steps=5)
    turns = {
        s: int(schedule.turns(tf.constant(s, tf.int64))) for s in (0, 24, 25, 499, 500, 501, 1000)
    }
    assert turns == {0: 100, 24: 100, 25: 5, 499: 5, 500: 100, 501: 5, 1000: 100}


def test_a_gradient_penalty_needs_no_bursts():
    assert CriticTurns(critic_steps=3, bursts=False).turns(tf.constant(0, tf.int64)) == 3


def test_gan_takes_turns():
    assert EqualTurns().turns(tf.constant(0)) == 1
