"""Small trainers, their steps and their weights, for several files of tests."""

import keras
import numpy as np
import tensorflow as tf

from tfgan_faces import models
from tfgan_faces.config import Config, TrainingConfig
from tfgan_faces.data.batches import pipeline
from tfgan_faces.layers import (
    ByteDropout,
    FusedBatchNormalization,
    MaxPooling2D,
    UnpoolingDeconvolution2D,
)
from tfgan_faces.machine.keras_settings import own_settings
from tfgan_faces.training.trainer import Trainer

SMALL = {"image_size": 32, "width": 0.1}


def tiny():
    """Returns networks for 4x4 images with a layer of each kind that matters to training."""
    latents, images = keras.Input((8,)), keras.Input((4, 4, 3))
    x = keras.layers.Reshape((2, 2, 8))(keras.layers.Dense(32)(latents))
    x = keras.layers.ReLU()(UnpoolingDeconvolution2D(8, 3, padding="same")(x))
    x = FusedBatchNormalization()(ByteDropout(0.1)(x))
    x = keras.layers.Conv2D(3, 3, padding="same", name="rgb")(x)
    generator = keras.Model(latents, keras.layers.Activation("tanh", dtype="float32")(x))
    x = keras.layers.Conv2D(8, 3, padding="same", name="convolution")(images)
    x = ByteDropout(0.3)(keras.layers.ReLU()(MaxPooling2D(2)(x)))
    logits = keras.layers.Dense(1, dtype="float32", name="logit")(keras.layers.Flatten()(x))
    return generator, keras.Model(images, logits)


def build(architecture=None, precision="float32", strategy=None, input_wait=None, **settings):
    """Returns a trainer of an architecture's networks, by default of the networks of `tiny`."""
    keras.utils.set_random_seed(0)
    config = Config(
        training=TrainingConfig(batch_size=4, precision=precision, **settings)
    ).resolved()
    with (strategy or tf.distribute.get_strategy()).scope():
        if architecture is None:
            with own_settings(precision):
                networks = tiny()
        else:
            networks = (
                models.build_generator(architecture, latent_dim=8, precision=precision, **SMALL),
                models.build_discriminator(architecture, precision=precision, **SMALL),
            )
        return Trainer(*networks, config.training, strategy, input_wait)


def steps(trainer, photos, count, first=0):
    """Takes `count` steps on the batches from number `first` on, and returns their measures."""
    return steps_on(trainer, iter(pipeline.batches(photos, 4, 0, first_iteration=first)), count)


def steps_on(trainer, batches, count):
    return [
        {name: float(value) for name, value in trainer.train_step(batches).items()}
        for _ in range(count)
    ]


def weights(model):
    return [variable.numpy().copy() for variable in model.trainable_variables]


def changed(before, model):
    return any(not np.array_equal(a, b) for a, b in zip(before, weights(model)))
