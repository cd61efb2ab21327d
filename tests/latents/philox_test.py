import numpy as np
import pytest
import tensorflow as tf

from tests.latents.golden import GOLDEN, LATENT_DIM, PLACES
from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.latents.philox import standard_normals


@pytest.mark.parametrize("compiled", [False, True])
def test_numbers_equal_those_of_the_first_versions_compiled_or_not(compiled):
    make = tf.function(lambda seeds: latents_from_seeds(seeds, LATENT_DIM), jit_compile=compiled)
    found = make(tf.constant([*GOLDEN], tf.int64)).numpy()[:, PLACES]
    np.testing.assert_allclose(found, [*GOLDEN.values()], atol=2e-6)


@pytest.mark.parametrize("number", [1, 3, 4, 130])
def test_numbers_equal_tensorflows_kernel(rng, number):
    seeds = rng.integers(-(2**63), 2**63, (50, 2))
    expected = [tf.random.stateless_normal((number,), seed, alg="philox") for seed in seeds]
    np.testing.assert_allclose(standard_normals(tf.constant(seeds), number), expected, atol=2e-6)


def test_the_number_of_seeds_may_be_unknown():
    make = tf.function(
        lambda seeds: latents_from_seeds(seeds, 9),
        input_signature=[tf.TensorSpec([None], tf.int64)],
    )
    assert make(tf.constant([], tf.int64)).shape == (0, 9)
    assert make(tf.constant([1, 2], tf.int64)).shape == (2, 9)
