import tensorflow as tf

from tfgan_faces.training import input_wait
from tfgan_faces.training.input_wait import InputWait, UnmeasuredInputWait, build_input_wait


def taken(wait, count):
    """Returns `count` batches that a graph takes; they are the numbers from 0."""
    done = tf.Variable(0)
    batches = iter(tf.data.Dataset.range(count))
    take = tf.function(lambda: wait.next(batches, after=done))
    return [int(take()) for _ in range(count)]


def test_waiting_times_are_added_up(monkeypatch):
    times = iter([10.0, 10.5, 20.0, 21.0, 30.0, 30.25])
    monkeypatch.setattr(input_wait.time, "perf_counter", lambda: next(times))
    wait = InputWait()
    assert taken(wait, 2) == [0, 1]
    assert wait.share(6.0) == 0.25
    assert taken(wait, 1) == [0]
    assert wait.share(1.0) == 0.25  # of the time since the last call
    assert wait.share(1.0) == 0.0


def test_batches_are_the_same_without_a_clock_and_the_share_is_unknown():
    wait = UnmeasuredInputWait()
    assert taken(wait, 3) == [0, 1, 2]
    assert wait.share(1.0) is None


def test_training_on_a_gpu_has_no_clock():
    assert isinstance(build_input_wait(gpus=["GPU:0"]), UnmeasuredInputWait)
    assert isinstance(build_input_wait(gpus=[]), InputWait)
