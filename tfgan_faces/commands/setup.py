"""What a training starts with: decided settings, new networks and prepared photos.

What depends on the machine or on the photos is decided here, and nowhere else.
"""

import dataclasses
import logging

import numpy as np
import tensorflow as tf

from tfgan_faces.commands.building import build_trainer
from tfgan_faces.commands.common import prepared
from tfgan_faces.config import Config
from tfgan_faces.data.batches.open_photos import choose_cache, open_photos
from tfgan_faces.data.batches.photos import Photos
from tfgan_faces.errors import UserError
from tfgan_faces.machine.devices import describe
from tfgan_faces.machine.memory import machine_memory
from tfgan_faces.machine.precision import choose_precision
from tfgan_faces.machine.unused_gpu import unused_gpu
from tfgan_faces.planning.memory import check_memory, plan
from tfgan_faces.training.trainer import Trainer

_logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Setup:
    """What a training starts with.

    Attributes:
        config: `Config` in which nothing is left to be decided.
        trainer: `Trainer`, new.
        photos: `Photos` of the people to train on.
    """

    config: Config
    trainer: Trainer
    photos: Photos

    def batches(self, first_iteration=0, shard=(0, 1)):
        """Returns a worker's shard of the endless batches, from one of them on."""
        training = self.config.training
        return self.photos.batches(training.batch_size, training.seed, first_iteration, shard)


def with_precision(config, devices):
    """Returns a config whose precision is decided, and logs what computes in which one.

    Args:
        config: resolved `Config`.
        devices: list of `Device`, those that will compute.
    """
    precision, reason = config.training.precision, "as --precision asks"
    if precision == "auto":
        precision, reason = choose_precision(devices)
    _logger.info("Computing on %s in %s: %s", describe(devices), precision, reason)
    advice = unused_gpu(tf.config.list_physical_devices("GPU"))
    if advice:
        _logger.warning(advice)
    training = dataclasses.replace(config.training, precision=precision)
    return dataclasses.replace(config, training=training)


def set_up(config, devices, cluster, build=build_trainer):
    """Builds the networks, prepares the photos and decides how they are read.

    The networks come first: a size that is not possible, or too large for the memory, is an
    error before any work.

    Args:
        config: what `with_precision` returned.
        devices: see there.
        cluster: `Cluster`, whose chief prepares the photos.
        build: function of the config and a `tf.distribute.Strategy` to a `Trainer`.

    Raises:
        UserError: the networks do not fit into the memory, there are too few photos, or the
            workers have different settings.
    """
    trainer = build(config, cluster.strategy)
    rows = config.training.batch_size // cluster.strategy.num_replicas_in_sync
    check_memory(plan(trainer.generator, trainer.discriminator, rows), devices)
    with cluster.chief_first():
        builder = prepared(config)
        config = _with_cache(config, builder)
        photos = _photos_to_train_on(config, builder)
    cluster.check_same(dataclasses.asdict(config))
    return Setup(config, trainer, photos)


def _with_cache(config, builder):
    if config.data.cache != "auto":
        return config
    photos_bytes = builder.info.metadata["photos"] * np.prod(builder.info.features["image"].shape)
    cache, reason = choose_cache(photos_bytes, machine_memory())
    _logger.info("--cache=auto takes %s: %s", cache, reason)
    return dataclasses.replace(config, data=dataclasses.replace(config.data, cache=cache))


def _photos_to_train_on(config, builder):
    photos, held_out = open_photos(builder, config.data.cache)
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
