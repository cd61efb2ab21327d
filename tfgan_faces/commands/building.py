"""Builds the networks and their trainer from the settings."""

import keras
import tensorflow as tf

from tfgan_faces import models
from tfgan_faces.errors import UserError
from tfgan_faces.training.trainer import Trainer


def check_divisible(training, devices):
    """Raises UserError unless a batch can be divided equally among the devices and their parts.

    Args:
        training: resolved `TrainingConfig`.
        devices: int.
    """
    pieces = devices * training.batch_parts
    if training.batch_size % pieces:
        times = " times --batch_parts" if training.batch_parts > 1 else ""
        raise UserError(
            "--batch_size, the total over all devices, must be a multiple of the number of "
            f"devices{times}, {pieces}. Received: {training.batch_size}"
        )


def build_trainer(config, strategy=None, labels=None):
    """Returns a new `Trainer` for the networks of a config.

    Args:
        config: resolved `Config`.
        strategy: `tf.distribute.Strategy` that distributes the work, see `Trainer`.
        labels: dict of label to its share of the photos, for conditional networks; or None.

    Raises:
        UserError: the batch cannot be divided among the replicas of the strategy.
    """
    strategy = strategy or tf.distribute.get_strategy()
    check_divisible(config.training, strategy.num_replicas_in_sync)
    # Bit-exact reproducibility needs deterministic kernels, and layers that draw the same seeds.
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(config.training.seed)
    sizes = {
        "image_size": config.data.image_size,
        "width": config.model.width,
        "dropout": config.model.dropout,
        "labels": labels,
    }
    name, precision = config.model.architecture, config.training.precision
    with strategy.scope():
        generator = models.build_generator(
            name, latent_dim=config.model.latent_dim, precision=precision, **sizes
        )
        discriminator = models.build_discriminator(
            name,
            precision=precision,
            spectral_normalization=config.model.spectral_normalization,
            minibatch_std=config.model.minibatch_std,
            critic=config.model.critic,
            **sizes,
        )
    if config.training.sync_batch_norm:
        models.synchronize_batch_norms(generator, discriminator)
    return Trainer(generator, discriminator, config.training, strategy)
