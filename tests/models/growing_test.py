import numpy as np
import pytest

from tfgan_faces import models
from tfgan_faces.models import growing

SIZES = (32, 64, 128)  # grown from; the largest grows to 256


def trained(network):
    """Gives a new network other values, as if it was trained, and returns it."""
    rng = np.random.default_rng(0)
    for variable in network.variables:
        is_variance = variable.name == "moving_variance"
        values = variable.numpy() + 0.1 * rng.standard_normal(variable.shape)
        variable.assign(np.abs(values) + 0.5 if is_variance else values)
    return network


def bilinear(images):
    """Doubles the size of images: each new pixel is 3/4 of the nearest and 1/4 of the next one."""
    for axis in (1, 2):
        padded = np.pad(images, [(1, 1) if a == axis else (0, 0) for a in range(4)])
        before, here, after = (
            np.take(padded, range(i, i + images.shape[axis]), axis) for i in range(3)
        )
        pair = np.stack([0.75 * here + 0.25 * before, 0.75 * here + 0.25 * after], axis + 1)
        shape = list(images.shape)
        shape[axis] *= 2
        images = pair.reshape(shape)
    return images


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("width", [0.25, 1.0])
def test_a_larger_discriminator_judges_images_like_a_smaller_one_at_half_their_size(size, width):
    small, large = (models.build_discriminator("slim", s, width) for s in (size, 2 * size))
    growing.grow_discriminator(trained(small), large)
    images = np.random.default_rng(1).uniform(-1, 1, (2, 2 * size, 2 * size, 3))
    halved = images.reshape(2, size, 2, size, 2, 3).mean((2, 4))
    np.testing.assert_allclose(large(images), small(halved), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_a_larger_generator_enlarges_the_images_of_a_smaller_one(size):
    small, large = (models.build_generator("slim", s, 8, width=0.25) for s in (size, 2 * size))
    trained(small)
    # Kernels of 5x5 whose outer taps are zero are those that 3x3 taps can express.
    kernel, bias = small.get_layer("rgb").get_weights()
    kernel[[0, 4]], kernel[:, [0, 4]] = 0.0, 0.0
    small.get_layer("rgb").set_weights([kernel, bias])
    growing.grow_generator(small, large)
    latents = np.random.default_rng(1).standard_normal((3, 8)).astype(np.float32)
    before_tanh = np.arctanh(small(latents).numpy().astype(np.float64))
    wanted = np.tanh(bilinear(before_tanh))
    np.testing.assert_allclose(large(latents), wanted, atol=2e-3)


def test_outer_taps_are_added_to_the_next_ones():
    """So where the feature maps are constant, the image is exactly the same."""
    small, large = (models.build_generator("slim", s, 8, width=0.25) for s in (32, 64))
    trained(small)
    last = small.get_layer("block2_norm")
    gamma, _, mean, variance = last.get_weights()
    last.set_weights([0.0 * gamma, 1.0 + np.arange(len(gamma)), mean, variance])
    growing.grow_generator(small, large)
    latents = np.random.default_rng(1).standard_normal((1, 8)).astype(np.float32)
    middle = small(latents)[0, 16, 16].numpy()
    assert np.abs(middle).max() > 0.05
    np.testing.assert_allclose(large(latents)[0, 32, 32], middle, atol=1e-4)


def test_other_channels_of_the_larger_networks_can_learn():
    """They have no part in the result at first, but it depends on their outgoing weights."""
    small, large = (models.build_generator("slim", s, 8, width=0.25) for s in (32, 64))
    growing.grow_generator(trained(small), large)
    latents = np.random.default_rng(1).standard_normal((3, 8)).astype(np.float32)
    before = large(latents).numpy()
    kernel, bias = large.get_layer("rgb").get_weights()
    assert not kernel[:, :, 6:].any()
    kernel[2, 2, 6:] = 0.1
    large.get_layer("rgb").set_weights([kernel, bias])
    assert np.abs(large(latents) - before).max() > 0.01
