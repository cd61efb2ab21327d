import time

import tensorflow as tf

from tests.training.small_trainers import build, steps
from tfgan_faces.data.batches import pipeline
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


def test_waiting_for_photos_is_measured_with_deterministic_kernels(photos):
    tf.config.experimental.enable_op_determinism()  # as in the command line
    trainer = build()
    steps(trainer, photos, 2)
    waited = trainer.input_wait.total
    assert 0.0 < float(waited) < 60.0
    assert not any(waited is variable for variable in trainer.state()["counters"])


def test_the_time_of_a_turn_does_not_count_as_waiting(photos, monkeypatch):
    """A clock that ticks once per turn does not tick while training waits for a batch."""
    trainer = build(loss="wasserstein", critic_steps=3, critic_bursts=False)
    monkeypatch.setattr(time, "perf_counter", lambda: float(trainer.turns.numpy()))
    steps(trainer, photos, 2)
    assert int(trainer.turns) == 6
    assert float(trainer.input_wait.total) == 0.0


def test_steps_are_the_same_with_and_without_the_clock(photos):
    with_clock, without = build(), build(input_wait=UnmeasuredInputWait())
    assert steps(with_clock, photos, 2) == steps(without, photos, 2)
    batches = iter(pipeline.batches(photos, 4, 0))
    python = [
        sum(node.op == "PyFunc" for node in graph_nodes(trainer, batches))
        for trainer in (with_clock, without)
    ]
    assert python == [2, 0]


def graph_nodes(trainer, batches):
    graph = trainer.train_step.get_concrete_function(batches).graph.as_graph_def()
    functions = (node for function in graph.library.function for node in function.node_def)
    return [*graph.node, *functions]
