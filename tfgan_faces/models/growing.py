"""Networks `slim` that begin as a trained pair for images of half the size.

At first they compute the same: the larger generator enlarges the images of the smaller one, and
the larger discriminator shrinks its images and judges them like the smaller one. Then they learn
what the details look like.

A signal passes a ReLU unchanged as the difference of two channels, its positive and its negative
part. So it takes six channels to pass an RGB image on.

Reference:
    [Chen et al., 2016](https://arxiv.org/abs/1511.05641), Net2Net: function-preserving growth.
"""

import keras
import numpy as np

from tfgan_faces.models.modern import SLOPE

_IMAGES = 256  # to measure the statistics of a new batch norm


def grow_generator(small, large):
    """Makes a generator return the images of a smaller one, enlarged bilinearly.

    It does so approximately: the new block's kernels have 3x3 taps, so those of 5x5 in the
    smaller network's layer to RGB are folded into them.

    Args:
        small: trained generator.
        large: new generator for twice the image size, with the same settings otherwise.
    """
    _copy_layers(small, large, other_than="rgb")
    block = f"block{sum(layer.name.endswith('_convolution') for layer in large.layers)}"
    convolution, norm = (large.get_layer(f"{block}_{name}") for name in ("convolution", "norm"))
    kernel, bias = small.get_layer("rgb").get_weights()
    folded = _folded(_folded(kernel, 0), 1)  # [3, 3, channels, 3]
    (weights,) = convolution.get_weights()
    weights[..., :6] = _both_signs(folded, axis=3)
    convolution.set_weights([weights])

    # Batch norm would remove the mean and the scale of the images, which its parameters restore.
    latents = np.random.default_rng(0).standard_normal((_IMAGES, large.input_shape[-1]))
    values = keras.Model(large.input, convolution.output).predict(latents, verbose=0)
    mean, variance = values.mean((0, 1, 2)), values.var((0, 1, 2))
    gamma, beta, _, _ = norm.get_weights()
    gamma[:6] = np.sqrt(variance[:6] + norm.epsilon)
    beta[:6] = mean[:6] + _both_signs(bias, axis=0)
    norm.set_weights([gamma, beta, mean, variance])

    kernel, bias = large.get_layer("rgb").get_weights()
    taps = np.array([0.0, 0.25, 0.5, 0.25, 0.0])  # bilinear, after nearest upsampling by 2
    kernel[:] = 0.0  # of the other channels, which have no part in the images at first
    kernel[:, :, :6] = np.outer(taps, taps)[..., None, None] * _both_signs(np.eye(3), axis=0)
    large.get_layer("rgb").set_weights([kernel, 0.0 * bias])


def grow_discriminator(small, large):
    """Makes a discriminator judge images like a smaller one that gets them at half their size.

    Args:
        small: trained discriminator.
        large: new discriminator for twice the image size, with the same settings otherwise.
    """
    _copy_layers(small, large, other_than="entry")
    kernel, bias = large.get_layer("entry1").get_weights()
    means = np.zeros((4, 4, 3, 3))
    means[1:3, 1:3] = np.eye(3) / 4  # each RGB channel's mean of 2x2 pixels
    kernel[..., :6] = _both_signs(means, axis=3)
    bias[:6] = 0.0
    large.get_layer("entry1").set_weights([kernel, bias])

    entries = sum(layer.name.startswith("entry") for layer in small.layers if layer.weights)
    for index in range(1, entries + 1):
        kernel, bias = small.get_layer(f"entry{index}").get_weights()
        if index == 1:
            # The leaky ReLU makes the difference of both parts larger by its slope.
            kernel = _both_signs(kernel, axis=2) / (1.0 + SLOPE)
        layer = large.get_layer(f"entry{index + 1}")
        weights, biases = layer.get_weights()
        inputs, filters = kernel.shape[2:]
        weights[:, :, inputs:, :filters] = 0.0  # of the other channels, as above
        weights[:, :, :inputs, :filters], biases[:filters] = kernel, bias
        layer.set_weights([weights, biases])


def _copy_layers(small, large, other_than):
    """Copies the weights of all layers whose names do not start with `other_than`."""
    for layer in small.layers:
        if layer.weights and not layer.name.startswith(other_than):
            large.get_layer(layer.name).set_weights(layer.get_weights())


def _both_signs(values, axis):
    return np.concatenate([values, -values], axis)


def _folded(kernel, axis):
    """Returns a kernel with 3 taps along an axis instead of 5: the outer ones are added up."""
    first, second, middle, fourth, fifth = np.moveaxis(kernel, axis, 0)
    return np.moveaxis(np.stack([first + second, middle, fourth + fifth]), 0, axis)
