"""The small face networks that are included in the package."""

import importlib.resources

import keras
import numpy as np
from keras import layers

from tfgan_faces.machine.keras_settings import own_settings

# The second was also trained to tell torn faces from whole ones.
NAMES = ("lfw-face-1", "lfw-face-2")
IMAGE_SIZE = 64


def build_face_network(precision="float32"):
    """Returns the untrained network.

    Args:
        precision: Keras dtype policy of the layers.

    Returns:
        Functional model float [batch, 64, 64, 3] in -1..1 -> float32 [batch, 128].

    Reference:
        Blocks of [He et al., 2016](https://arxiv.org/abs/1603.05027), full pre-activation.
    """
    with own_settings(precision):
        images = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 3), name="images")
        x = layers.Conv2D(32, 5, strides=2, padding="same", use_bias=False, name="stem")(images)
        for index, filters in enumerate((64, 96, 128), 1):
            x = _block(x, filters, f"block{index}")
        x = _norm_relu(x, "features")
        features = layers.GlobalAveragePooling2D(dtype="float32", name="features")(x)
        return keras.Model(images, features, name="face_network")


def load_face_network(name):
    """Returns a trained network, one of `NAMES`, with the weights that the package includes."""
    network = build_face_network()
    path = importlib.resources.files(__package__) / f"{name}.npz"
    with path.open("rb") as file, np.load(file) as arrays:
        network.set_weights([arrays[name].astype(np.float32) for name in sorted(arrays)])
    network.trainable = False
    return network


def save_face_network(network, path):
    """Writes the weights as float16, in the network's order."""
    weights = network.get_weights()
    np.savez_compressed(path, **{f"{i:03d}": w.astype(np.float16) for i, w in enumerate(weights)})


def _block(x, filters, name):
    """Halves the size by convolutions of stride 2 and 1, and adds a shortcut."""
    x = _norm_relu(x, f"{name}_a")
    shortcut = layers.AveragePooling2D(2, name=f"{name}_pooling")(x)
    shortcut = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_short")(shortcut)
    x = _convolution(filters, 2, f"{name}_a_convolution")(x)
    x = _norm_relu(x, f"{name}_b")
    x = _convolution(filters, 1, f"{name}_b_convolution")(x)
    return layers.Add(name=f"{name}_sum")([shortcut, x])


def _convolution(filters, strides, name):
    return layers.Conv2D(
        filters,
        3,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )


def _norm_relu(x, name):
    x = layers.BatchNormalization(momentum=0.97, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)
