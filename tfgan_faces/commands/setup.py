"""Sets up a training: resolves its settings, builds its networks and prepares its photos.

All settings that depend on the machine or on the photos are resolved here.
"""

import collections.abc
import dataclasses
import functools
import logging

import numpy as np
import tensorflow as tf

from tfgan_faces.commands.building import build_trainer
from tfgan_faces.commands.common import prepared
from tfgan_faces.config import Config
from tfgan_faces.config.combinations import ADAPTIVE
from tfgan_faces.config.datasets import NO_LABELS
from tfgan_faces.config.defaults import (
    AUGMENT,
    FEW_PHOTOS,
    HELD_OUT,
    HELD_OUT_OF_VERY_FEW,
    VERY_FEW_PHOTOS,
)
from tfgan_faces.data.batches.labels import read_labels
from tfgan_faces.data.batches.open_photos import choose_cache, open_photos
from tfgan_faces.data.batches.photos import Photos
from tfgan_faces.errors import UserError
from tfgan_faces.machine.devices import describe
from tfgan_faces.machine.memory import machine_memory
from tfgan_faces.machine.precision import choose_precision
from tfgan_faces.machine.unused_gpu import unused_gpu
from tfgan_faces.objectives.losses import LOSSES
from tfgan_faces.planning.memory import check_memory, plan
from tfgan_faces.training.trainer import Trainer

_logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Setup:
    """The settings, networks and photos of a training.

    Attributes:
        config: `Config` with a resolved `cache` and `precision`.
        trainer: new `Trainer`.
        photos: `Photos` of the training people.
        held_out: `Photos` of the other people.
        label_shares: dict of label to its share of the photos, or None without labels.
        build: function of a config and a `tf.distribute.Strategy` to another new `Trainer`.
    """

    config: Config
    trainer: Trainer
    photos: Photos
    held_out: Photos
    label_shares: dict | None = None
    build: collections.abc.Callable = build_trainer

    def batches(self, first_iteration=0, shard=(0, 1)):
        """Returns the endless batches of one worker, starting at `first_iteration`."""
        training = self.config.training
        return self.photos.batches(training.batch_size, training.seed, first_iteration, shard)


def with_precision(config, devices):
    """Returns a config with a resolved precision, and logs the devices and the precision.

    Args:
        config: resolved `Config`.
        devices: list of `Cpu` or `Gpu`, those that will compute.
    """
    precision, reason = config.training.precision, "set by --precision"
    if precision == "auto":
        precision, reason = choose_precision(devices)
    _logger.info("Computing on %s in %s: %s", describe(devices), precision, reason)
    advice = unused_gpu(tf.config.list_physical_devices("GPU"))
    if advice:
        _logger.warning(advice)
    return config.replaced(training={"precision": precision})


def set_up(config, devices, cluster, build=build_trainer):
    """Builds the networks, prepares the photos and decides how they are read.

    The networks are built first, so that invalid sizes and sizes that are too large for the
    memory are reported before the photos are prepared.

    Args:
        config: `Config` from `with_precision`.
        devices: see `with_precision`.
        cluster: `Cluster`. Its chief prepares the photos.
        build: see `build_trainer`. It is called again if the photos decide the augmentation, or
            have labels.

    Raises:
        UserError: the networks do not fit into the memory, there are too few photos, or the
            workers have different settings.
    """
    trainer = build(config, cluster.strategy)
    share = config.training.batch_size // cluster.strategy.num_replicas_in_sync
    check_memory(plan(trainer.generator, trainer.discriminator, share), devices)
    with cluster.chief_first():
        builder = prepared(config)
        config = _with_held_out(_with_cache(config, builder), builder.info.metadata["photos"])
        photos, held_out = _split_photos(config, builder)
        shares = _with_labels(photos, builder, config.data)
    if shares:
        build = functools.partial(build, labels=shares)
    is_open = config.training.augment is None
    if is_open:
        config = _with_augment(config, len(photos))
    if shares or (is_open and config.training.augment != AUGMENT):
        del trainer  # its memory is needed for the new one
        trainer = build(config, cluster.strategy)
    cluster.check_same(dataclasses.asdict(config))
    return Setup(config, trainer, photos, held_out, shares, build)


def _with_cache(config, builder):
    if config.data.cache != "auto":
        return config
    photos_bytes = builder.info.metadata["photos"] * np.prod(builder.info.features["image"].shape)
    cache, reason = choose_cache(photos_bytes, machine_memory())
    _logger.info("--cache=auto selects %s: %s", cache, reason)
    return config.replaced(data={"cache": cache})


def _with_held_out(config, photos):
    """Returns a config whose share of held-out people fits the number of photos."""
    if config.data.held_out is not None:
        return config
    share = HELD_OUT
    if photos < VERY_FEW_PHOTOS:
        share = HELD_OUT_OF_VERY_FEW
        _logger.info(
            "--held_out is %g, because there are fewer than %d photos", share, VERY_FEW_PHOTOS
        )
    return config.replaced(data={"held_out": share})


def _with_labels(photos, builder, data):
    """Gives the photos their labels, and returns the shares of the labels; or returns None."""
    if data.labels == NO_LABELS:
        return None
    labels = read_labels(builder, data.labels, data.held_out)
    photos.labels = labels.training
    shares = ", ".join(f"{name} {share:.1%}" for name, share in labels.shares.items())
    _logger.info("The labels of the photos to train on: %s", shares)
    return labels.shares


def _with_augment(config, photos):
    """Returns a config whose augmentation fits the number of photos to train on."""
    is_adaptive = photos < FEW_PHOTOS and LOSSES[config.training.loss].shows_overfitting
    augment = ADAPTIVE if is_adaptive else AUGMENT
    if is_adaptive:
        _logger.info(
            "--augment is auto, because there are fewer than %d photos to train on", FEW_PHOTOS
        )
    if photos < FEW_PHOTOS and config.training.init_from is None:
        _logger.info(
            "To learn more from so few photos, start a new run from trained networks: --init_from, "
            "see docs/own-photos.md"
        )
    return config.replaced(training={"augment": augment})


def _split_photos(config, builder):
    """Returns the `Photos` of training people and of held-out people; logs their numbers."""
    photos, held_out = open_photos(builder, config.data.cache, config.data.held_out)
    _logger.info(
        "Training on %d of them; %d are held out for evaluation (--held_out=%g: this share of the "
        "people, or of the photos if there are fewer than 20 folders)",
        len(photos),
        len(held_out),
        config.data.held_out,
    )
    if len(photos) < config.training.batch_size:
        raise UserError(
            f"--batch_size must be at most the number of photos to train on, {len(photos)} "
            f"({len(held_out)} more are held out). Received: {config.training.batch_size}"
        )
    return photos, held_out
