"""Builds the networks and their trainer from the settings."""

import keras
import tensorflow as tf

from tfgan_faces.errors import UserError
from tfgan_faces.models import synchronize_batch_norms
from tfgan_faces.models.configured import discriminator_of, generator_of
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
    with strategy.scope():
        generator = generator_of(config, labels, config.training.precision)
        discriminator = discriminator_of(config, labels, config.training.precision)
    if config.training.sync_batch_norm:
        synchronize_batch_norms(generator, discriminator)
    return Trainer(generator, discriminator, config.training, strategy)
