import tensorflow as tf

from tfgan_faces.training.schedules import CriticTurns, EqualTurns


def turns_of_steps(schedule, count):
    """Returns the number of turns of each step if all turns of each are taken."""
    taken, all_turns = 0, []
    for step in range(count):
        all_turns.append(int(schedule.turns_left(tf.constant(step, tf.int64), taken)))
        taken += all_turns[-1]
    return all_turns


def test_wgan_turns_of_the_paper():
    turns = turns_of_steps(CriticTurns(critic_steps=5), 1002)
    many = {step for step, count in enumerate(turns) if count == 100}
    assert many == {*range(25), 500, 1000}
    assert set(turns) == {5, 100}


def test_turns_already_taken_are_not_repeated():
    schedule, step = CriticTurns(critic_steps=5), tf.constant(25, tf.int64)
    assert [int(schedule.turns_left(step, 25 * 100 + taken)) for taken in (0, 1, 4)] == [5, 4, 1]
    schedule = CriticTurns(critic_steps=5, bursts=False)
    assert [int(schedule.turns_left(step, 25 * 5 + taken)) for taken in (0, 1, 4)] == [5, 4, 1]


def test_steps_without_bursts_are_all_alike():
    schedule = CriticTurns(critic_steps=3, bursts=False)
    assert schedule.turns_left(tf.constant(0, tf.int64), 0) == 3


def test_gan_takes_one_turn_per_step():
    assert EqualTurns().turns_left(tf.constant(0), 0) == 1
