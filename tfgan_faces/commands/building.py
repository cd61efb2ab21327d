"""From settings to what a training needs: precision, photos, networks and trainer."""

import dataclasses
import logging

import keras
import numpy as np
import tensorflow as tf

from tfgan_faces import models
from tfgan_faces.commands.common import photos_of
from tfgan_faces.data.batches import pipeline, streaming
from tfgan_faces.data.batches.cache import choose_cache
from tfgan_faces.errors import UserError
from tfgan_faces.machine.devices import describe
from tfgan_faces.machine.memory import machine_memory
from tfgan_faces.machine.precision import choose_precision
from tfgan_faces.machine.unused_gpu import unused_gpu
from tfgan_faces.training.trainer import Trainer

_logger = logging.getLogger(__name__)


def photos_to_train_on(config, builder):
    """Returns the prepared photos of training people, at least a batch, and tells how many."""
    photos, held_out = photos_of(config, builder)
    _logger.info(
        "%d of them are trained on; %d are held out to judge faces by: those of a tenth of the "
        "people, or a tenth of the photos where fewer than 20 folders name people",
        len(photos),
        len(held_out),
    )
    if len(photos) < config.training.batch_size:
        raise UserError(
            f"--batch_size must be at most the number of photos to train on, {len(photos)} "
            f"({len(held_out)} more are held out). Received: {config.training.batch_size}"
        )
    return photos


def batches_to_train_on(config, photos, first_iteration=0, share=(0, 1)):
    """Returns a worker's share of the endless batches that --cache names, from one of them on."""
    batches = streaming.batches if config.data.cache == "none" else pipeline.batches
    return batches(photos, config.training.batch_size, config.training.seed, first_iteration, share)


def with_cache(config, builder):
    """Replaces auto by the faster reader that these photos and this machine's memory allow."""
    if config.data.cache != "auto":
        return config
    photos_bytes = builder.info.metadata["photos"] * np.prod(builder.info.features["image"].shape)
    cache, reason = choose_cache(photos_bytes, machine_memory())
    _logger.info("--cache=auto takes %s: %s", cache, reason)
    return dataclasses.replace(config, data=dataclasses.replace(config.data, cache=cache))


def with_precision(config, devices):
    """Replaces auto by what these devices compute in natively, and says what computes in what."""
    precision, reason = config.training.precision, "as --precision asks"
    if precision == "auto":
        precision, reason = choose_precision(devices)
    _logger.info("Computing on %s in %s: %s", describe(devices), precision, reason)
    advice = unused_gpu(tf.config.list_physical_devices("GPU"))
    if advice:
        _logger.warning(advice)
    training = dataclasses.replace(config.training, precision=precision)
    return dataclasses.replace(config, training=training)


def check_divisible(batch_size, devices):
    """Raises UserError unless a batch can be divided among so many devices."""
    if batch_size % devices:
        raise UserError(
            "--batch_size, which is that of all devices together, must be a multiple of their "
            f"number, {devices}. Received: {batch_size}"
        )


def build_trainer(config, strategy=None):
    """Returns the `Trainer` of a config's networks, new.

    Args:
        config: resolved `Config`.
        strategy: `tf.distribute.Strategy` that the work is spread by, see `Trainer`.

    Raises:
        UserError: the batch cannot be divided among its replicas.
    """
    strategy = strategy or tf.distribute.get_strategy()
    check_divisible(config.training.batch_size, strategy.num_replicas_in_sync)
    # Bit-exact repeats rest on deterministic kernels and on layers that draw the same seeds.
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(config.training.seed)
    sizes = {
        "image_size": config.data.image_size,
        "width": config.model.width,
        "dropout": config.model.dropout,
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
