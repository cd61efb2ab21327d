import numpy as np
import pytest
import tensorflow as tf

from tests.training.small_trainers import build, weights
from tfgan_faces.data.batches import pipeline
from tfgan_faces.training.batch_iterators import iterator_of


def arrays(photos, count):
    """Returns the first batches that the trainer would get, as NumPy arrays."""
    return [batch.numpy() for batch, _ in zip(pipeline.batches(photos, 4, 0), range(count))]


def test_every_batch_of_a_generator_is_used_once(photos):
    """A graph would advance a Python iterator only while it is traced."""
    taken = []

    def generator():
        for number, batch in enumerate(arrays(photos, 9)):
            taken.append(number)
            yield batch

    trained = build(balance="none")
    trained.fit(generator(), 5)
    assert taken[:5] == [0, 1, 2, 3, 4]
    same = build(balance="none")
    same.fit(pipeline.batches(photos, 4, 0), 5)
    for ours, theirs in zip(weights(trained.generator), weights(same.generator)):
        np.testing.assert_array_equal(ours, theirs)


def test_pairs_of_photos_and_labels_are_taken_from_a_list():
    pairs = [(np.full((4, 2, 2, 3), n, np.uint8), np.full(4, n, np.int32)) for n in range(3)]
    found = list(iterator_of(pairs, 4))
    assert [int(labels[0]) for _, labels in found] == [0, 1, 2]
    assert found[2][0].dtype == tf.uint8


def test_iterators_of_tensorflow_stay_as_they_are(photos):
    iterator = iter(pipeline.batches(photos, 4, 0))
    assert iterator_of(iterator, 4) is iterator


def test_batches_of_another_size_and_empty_iterables_are_refused(photos):
    for batches in (pipeline.batches(photos, 8, 0), arrays(photos, 2)):
        with pytest.raises(ValueError, match=r"`config.batch_size`, 3\. Received: [48]"):
            iterator_of(batches, 3)
    with pytest.raises(ValueError, match="Received: an empty iterable"):
        iterator_of([], 4)


def test_a_single_step_refuses_an_iterator_that_graphs_do_not_advance(photos):
    trainer = build()
    with pytest.raises(TypeError, match="must be an iterator of TensorFlow.*list_iterator"):
        trainer.train_step(iter(arrays(photos, 2)))


@pytest.mark.parametrize("batch", [np.zeros((4, 2, 2, 3)), np.zeros((4, 2, 3), np.uint8)])
def test_photos_that_are_not_uint8_images_are_refused(batch):
    """Photos in 0..1 would be trained on as almost black ones."""
    with pytest.raises(
        ValueError, match=r"uint8 \[batch, height, width, 3\].*Received: (float64|uint8)"
    ):
        iterator_of([batch], 4)


def test_too_few_batches_and_steps_that_cannot_be_are_refused(photos):
    trainer = build()
    with pytest.raises(ValueError, match="a batch for each turn of 3 steps. Received: fewer"):
        trainer.fit(arrays(photos, 2), 3)
    with pytest.raises(ValueError, match="`log_every` must be at least 1. Received: 0"):
        trainer.fit(arrays(photos, 2), 1, log_every=0)
    with pytest.raises(ValueError, match="`steps` must be at least 0. Received: -1"):
        trainer.fit(arrays(photos, 2), -1)
