"""Memory and operations of a training, calculated from the networks' shapes in advance."""

import dataclasses
import math

import keras
import tensorflow as tf

from tfgan_faces.errors import UserError
from tfgan_faces.layers import Deconvolution2D

# Copies of a weight: itself, its gradient, two in the optimizer; the generator's average.
_COPIES, _AVERAGE = 4, 1
_BYTES = 4
_CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.Conv2DTranspose, Deconvolution2D)


@dataclasses.dataclass(frozen=True)
class Plan:
    """The size of a training.

    Attributes:
        parameters: dict of network to its number of weights.
        operations: dict of network to the multiplications and additions in its dense and
            convolution layers, for a forward pass of one image.
        weights_bytes: int, memory of weights, gradients, optimizers and the average.
        activations_bytes: int, memory of the activations that the larger turn keeps for its
            gradients.
    """

    parameters: dict
    operations: dict
    weights_bytes: int
    activations_bytes: int

    @property
    def memory(self):
        """The sum of both in bytes; TensorFlow itself needs about 600 MiB more."""
        return self.weights_bytes + self.activations_bytes


def plan(generator, discriminator, batch_size):
    """Returns the `Plan` for training two Keras models at a batch size."""
    networks = {"generator": generator, "discriminator": discriminator}
    parameters = {name: network.count_params() for name, network in networks.items()}
    weights = _COPIES * sum(parameters.values()) + _AVERAGE * parameters["generator"]
    # The discriminator's turn processes photos and fakes; the generator's turn runs both networks.
    turns = (
        2 * batch_size * _activations(discriminator),
        batch_size * (_activations(generator) + _activations(discriminator)),
    )
    return Plan(
        parameters,
        {name: _operations(network) for name, network in networks.items()},
        _BYTES * weights,
        max(turns),
    )


def check_memory(planned, devices):
    """Raises UserError if a training certainly does not fit into the memory of a device.

    Args:
        planned: `Plan` for the share of one device.
        devices: list of `Cpu` or `Gpu`. Devices with unknown memory are not checked.
    """
    for device in devices:
        if device.memory is not None and planned.memory > device.memory:
            raise UserError(
                f"This training needs about {planned.memory / 2**30:.1f} GiB of memory, but the "
                f"{device.owner_of_memory} ({device.name}) has {device.memory / 2**30:.1f} GiB; "
                "use a smaller --batch_size, --image_size or --width."
            )


def _activations(network):
    """Returns the bytes of all layers' outputs for one image."""
    return sum(
        math.prod(output.shape[1:]) * tf.as_dtype(output.dtype).size
        for layer in network.layers
        for output in keras.tree.flatten(layer.output)
    )


def _operations(network):
    """Returns the operations for one image.

    A dense layer has two for each weight. A convolution has two for each kernel weight and output
    pixel; a Conv2DTranspose, for each kernel weight and input pixel.
    """
    total = 0
    for outer in network.layers:
        layer = outer.layer if isinstance(outer, keras.layers.Wrapper) else outer
        if isinstance(layer, (keras.layers.Dense, *_CONVOLUTIONS)):
            positions = outer.output.shape[1:-1]
            if isinstance(layer, keras.layers.Conv2DTranspose):
                positions = outer.input.shape[1:-1]
            total += 2 * math.prod(layer.kernel.shape) * math.prod(positions)
    return total
