import keras
import numpy as np
import pytest

from tfgan_faces import models
from tfgan_faces.config.architectures import ARCHITECTURES
from tfgan_faces.models import growing

# Of each architecture that grows: the generator's last layer at 16x16, and the layers of the
# discriminators for 32x32 and for 128x128 from which on both are the same.
COMMON = {
    "modern": ("stage2_sum", "rgb", "stage2_sum"),
    "light": ("block2_relu", "rgb", "stage2_sum"),
    "slim": ("block2_relu", "entry1", "entry3"),
}


def random_values(network):
    """Returns positive numbers for all variables, so that they suit variances, too."""
    rng = np.random.default_rng(0)
    return [rng.uniform(0.05, 0.5, variable.shape) for variable in network.variables]


def part(network, first=None, last=None):
    """Returns the part of a network after one layer, or up to another."""
    begin = network.input if first is None else network.get_layer(first).output
    end = network.output if last is None else network.get_layer(last).output
    return keras.Model(begin, end)


def test_all_architectures_that_grow_are_tested():
    assert sorted(COMMON) == sorted(name for name, facts in ARCHITECTURES.items() if facts.grows)


@pytest.mark.parametrize("name", sorted(COMMON))
def test_a_larger_generator_computes_the_same_up_to_the_smaller_size(name):
    small, large = (models.build_generator(name, size, 8, width=0.1) for size in (32, 128))
    values = random_values(small)
    small.set_weights(values)
    before = [variable.numpy() for variable in large.variables]
    count = growing.copy_shared(values, large.variables)
    last, _, _ = COMMON[name]
    latents = np.random.default_rng(1).normal(size=(2, 8)).astype(np.float32)
    np.testing.assert_allclose(
        part(large, last=last)(latents), part(small, last=last)(latents), rtol=1e-5
    )
    assert count < len(values)  # the layer to RGB has other inputs
    for variable, old in zip(large.variables[count:], before[count:]):
        np.testing.assert_array_equal(variable, old)


@pytest.mark.parametrize("minibatch_std", [False, True])
@pytest.mark.parametrize("name", sorted(COMMON))
def test_a_larger_discriminator_computes_the_same_from_the_smaller_size_on(name, minibatch_std):
    small, large = (
        models.build_discriminator(name, size, width=0.1, minibatch_std=minibatch_std)
        for size in (32, 128)
    )
    values = random_values(small)
    small.set_weights(values)
    growing.copy_shared(values, large.variables, from_the_end=True)
    _, of_small, of_large = COMMON[name]
    parts = part(small, first=of_small), part(large, first=of_large)
    features = np.random.default_rng(1).normal(size=(4, *parts[0].input.shape[1:]))
    np.testing.assert_allclose(parts[1](features), parts[0](features), rtol=1e-5)


def test_networks_of_the_same_size_are_copied_whole():
    old, new = (models.build_discriminator("slim", 16, width=0.1) for _ in range(2))
    values = random_values(old)
    assert growing.copy_shared(values, new.variables, from_the_end=True) == len(values)
    for variable, value in zip(new.variables, values):
        np.testing.assert_allclose(variable, value, rtol=1e-6)
