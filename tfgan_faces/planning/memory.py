"""What a training will take, worked out from the networks' shapes before it begins."""

import dataclasses
import math

import keras
import tensorflow as tf

from tfgan_faces.errors import UserError
from tfgan_faces.layers import Deconvolution2D

# Copies of a weight: itself, its gradient, two of the optimizer; the generator's average.
_COPIES, _AVERAGE = 4, 1
_BYTES = 4
_CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.Conv2DTranspose, Deconvolution2D)


@dataclasses.dataclass(frozen=True)
class Plan:
    """The size of a training.

    Attributes:
        parameters: dict of network to its number of weights.
        operations: dict of network to multiplications and additions of one image forwards,
            in its plain layers.
        weights_bytes: int, memory of weights, gradients, optimizers and the average.
        activations_bytes: int, memory of what the larger turn keeps for its gradients.
    """

    parameters: dict
    operations: dict
    weights_bytes: int
    activations_bytes: int

    @property
    def memory(self):
        """The bytes of both together; TensorFlow itself takes some 600 MiB more."""
        return self.weights_bytes + self.activations_bytes


def plan(generator, discriminator, batch_size):
    """Returns the `Plan` of training two Keras models with batches of a size."""
    networks = {"generator": generator, "discriminator": discriminator}
    parameters = {name: network.count_params() for name, network in networks.items()}
    weights = _COPIES * sum(parameters.values()) + _AVERAGE * parameters["generator"]
    # The discriminator judges photos and fakes; the generator's turn runs through both.
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
    """Raises UserError when a training is sure not to fit into the memory of what computes it.

    Args:
        planned: `Plan` of one device's part.
        devices: list of `Cpu` or `Gpu`. One whose memory is unknown is not judged.
    """
    for device in devices:
        if device.memory is not None and planned.memory > device.memory:
            raise UserError(
                f"This training needs some {planned.memory / 2**30:.1f} GiB of memory, and the "
                f"{device.owner_of_memory} ({device.name}) has {device.memory / 2**30:.1f}; take "
                "a smaller --batch_size, --image_size or --width."
            )


def _activations(network):
    """The bytes of all layers' results for one image."""
    return sum(
        math.prod(output.shape[1:]) * tf.as_dtype(output.dtype).size
        for layer in network.layers
        for output in keras.tree.flatten(layer.output)
    )


def _operations(network):
    """Two for each weight of a dense layer, and for each of a kernel and pixel of the result."""
    total = 0
    for outer in network.layers:
        layer = outer.layer if isinstance(outer, keras.layers.Wrapper) else outer
        if isinstance(layer, (keras.layers.Dense, *_CONVOLUTIONS)):
            places = outer.output.shape[1:-1]
            if isinstance(layer, keras.layers.Conv2DTranspose):
                places = outer.input.shape[1:-1]
            total += 2 * math.prod(layer.kernel.shape) * math.prod(places)
    return total
