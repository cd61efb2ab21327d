"""Batch norm and ReLU, as used in the generators."""

from keras import layers

from tfgan_faces.layers import FusedBatchNormalization


def norm_relu(x, name):
    """Returns feature maps after batch norm and ReLU, layers named `NAME_norm` and `NAME_relu`."""
    x = FusedBatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)
