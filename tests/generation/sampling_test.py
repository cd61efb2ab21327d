import numpy as np
import pytest

from tfgan_faces.generation import sampling
from tfgan_faces.models import build_generator


@pytest.fixture(scope="module")
def generator():
    generator = build_generator("exercise", 32, 8, width=0.25)
    return generator


def test_faces_depend_only_on_their_seed(generator):
    together = sampling.faces_of_seeds(generator, range(70))
    assert together.shape == (70, 32, 32, 3)
    assert together.dtype == np.uint8
    alone = sampling.faces_of_seeds(generator, [69])
    np.testing.assert_allclose(alone[0].astype(int), together[69].astype(int), atol=1)
    assert (together[0] != together[1]).any()


def test_zero_truncation_gives_the_same_face_for_all_seeds(generator):
    faces = sampling.faces_of_seeds(generator, [1, 2], truncation=0.0)
    np.testing.assert_array_equal(faces[0], faces[1])


def test_walk_passes_through_its_stations_and_is_closed(generator):
    frames = sampling.walk(generator, [3, 4, 5], steps=4)
    stations = sampling.faces_of_seeds(generator, [3, 4, 5])
    assert len(frames) == 12
    np.testing.assert_allclose(frames[::4].astype(int), stations.astype(int), atol=1)
    jumps = np.abs(np.diff(np.concatenate([frames, frames[:1]]).astype(int), axis=0)).mean(
        (1, 2, 3)
    )
    assert jumps.max() < 4 * np.median(
        jumps
    )  # the last step, back to the start, is as small as the others


def test_stations_can_be_latents_or_seeds(generator):
    latents = sampling.latents_of(generator, [3, 7])
    by_latents = sampling.between(generator, latents.numpy(), columns=3)
    np.testing.assert_array_equal(by_latents, sampling.between(generator, [3, 7], columns=3))
    np.testing.assert_array_equal(
        sampling.walk(generator, latents.numpy(), 2), sampling.walk(generator, [3, 7], 2)
    )


def test_between_starts_and_ends_at_the_seeds(generator):
    faces = sampling.between(generator, [3, 7, 4], columns=5)
    ends = sampling.faces_of_seeds(generator, [3, 7, 7, 4])
    assert len(faces) == 10
    np.testing.assert_allclose(faces[[0, 4, 5, 9]].astype(int), ends.astype(int), atol=1)


def test_arithmetic_cancels_equal_groups_of_opposite_signs(generator):
    faces = sampling.arithmetic(generator, [1.0, -1.0, 1.0], [[3], [5, 6], [6, 5]])
    assert len(faces) == 4
    np.testing.assert_allclose(faces[3].astype(int), faces[0].astype(int), atol=1)
    assert (faces[1] != faces[0]).any()
