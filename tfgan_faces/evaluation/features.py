"""Computes features of images with the package's face network or InceptionV3."""

import functools

import keras
import numpy as np
import tensorflow as tf

from tfgan_faces.arguments import check_choice, check_images
from tfgan_faces.errors import UserError
from tfgan_faces.evaluation import face_network

_BATCH, _INCEPTION_BATCH = 256, 32  # InceptionV3's activations are 40 times larger
_INCEPTION_SIZE = 299
_FACE_NETWORKS = dict(zip(("face", "face-2"), face_network.NAMES))


class Features:
    """Computes features of images, and names the network.

    Args:
        name: `"face"` (`lfw-face-1`) or `"face-2"` (`lfw-face-2`, which also notices torn faces),
            which are included in the package, or `"inception"`
            (InceptionV3 of keras.applications, trained on ImageNet, average-pooled).
        inception_weights: path of InceptionV3's weights without its top layers, downloaded if None.

    Attributes:
        name: str, network and version.
        resizing: str, how images are resized to the network's size.

    Raises:
        UserError: InceptionV3's weights cannot be downloaded or read.
        ValueError: there is no such network.
    """

    def __init__(self, name="face", inception_weights=None):
        check_choice(name, (*_FACE_NETWORKS, "inception"), "name")
        if name in _FACE_NETWORKS:
            self.name, self.batch, self.size = _FACE_NETWORKS[name], _BATCH, face_network.IMAGE_SIZE
            self.network = face_network.load_face_network(self.name)
        else:
            self.network, self.size = _inception(inception_weights), _INCEPTION_SIZE
            self.batch = _INCEPTION_BATCH
            self.name = "InceptionV3 (keras.applications, ImageNet)"
        self.resizing = f"bilinear with antialiasing to {self.size}x{self.size}"
        self._run = tf.function(self._features, reduce_retracing=True)

    def __call__(self, images):
        """Returns float32 features [count, features] of uint8 images [count, size, size, 3].

        Raises:
            ValueError: images are not uint8 arrays of this shape.
        """
        check_images(images, "images")
        batches = (
            self._run(tf.constant(images[first : first + self.batch]))
            for first in range(0, len(images), self.batch)
        )
        return np.concatenate([batch.numpy() for batch in batches])

    def _features(self, images):
        images = tf.cast(images, tf.float32) / 127.5 - 1.0
        if images.shape[1] != self.size:
            images = tf.image.resize(images, (self.size, self.size), antialias=True)
        return self.network(images, training=False)


def _inception(weights):
    build = functools.partial(
        keras.applications.InceptionV3, include_top=False, pooling="avg", weights=None
    )
    if weights is None:
        try:
            return build(weights="imagenet")
        except Exception as error:  # urllib raises many types of errors
            raise UserError(
                "--features=inception: the weights could not be downloaded "
                f"({_first_line(error)}); pass a file with --inception_weights=FILE, "
                "or use --features=face."
            ) from error
    network = build()
    try:
        network.load_weights(weights)
    except Exception as error:  # h5py and Keras raise many types of errors
        raise UserError(
            f"--inception_weights: {weights} cannot be read as the weights of InceptionV3 without "
            f"its top layers ({_first_line(error)})."
        ) from error
    return network


def _first_line(error):
    return (str(error).splitlines() or [type(error).__name__])[0]
