"""One process of a distributed training.

Its settings are `replicas` (devices of this machine), `strategy`, `dtype`, `steps`, and `recipe`
(fields of `TrainingConfig`). The networks have no dropout, and synchronised batch norms. It writes
the final weights and the measures of every step as an .npz file.
"""

import keras
import numpy as np
import tensorflow as tf

from tfgan_faces import models
from tfgan_faces.config import Config, TrainingConfig
from tfgan_faces.data.batches import pipeline
from tfgan_faces.training.cluster import Cluster
from tfgan_faces.training.trainer import Trainer

BATCH = 12


def main(output, settings):
    cpu = tf.config.list_physical_devices("CPU")[0]
    devices = [tf.config.LogicalDeviceConfiguration()] * settings["replicas"]
    tf.config.set_logical_device_configuration(cpu, devices)
    tf.config.experimental.enable_op_determinism()
    cluster = Cluster(settings["strategy"])
    config = Config(training=TrainingConfig(batch_size=BATCH, **settings["recipe"])).resolved()
    trainer = build(cluster, config.training, settings["dtype"])
    photos = np.random.default_rng(0).integers(0, 256, (48, 32, 32, 3), np.uint8)
    batches = cluster.batches(lambda shard: pipeline.batches(photos, BATCH, 0, shard=shard), BATCH)
    rows = [trainer.train_step(batches) for _ in range(settings["steps"])]
    found = {name: [float(row[name]) for row in rows] for name in rows[0]}
    for name, network in networks(trainer).items():
        for index, variable in enumerate(network.variables):
            if variable.dtype.startswith("float"):  # not the state of a dropout layer
                found[f"{name} {index}"] = variable.numpy()
    np.savez(output, **found)


def build(cluster, config, dtype):
    keras.utils.set_random_seed(0)
    with cluster.strategy.scope():
        generator = models.build_generator("exercise", 32, 8, width=0.1)
        discriminator = models.build_discriminator("exercise", 32, width=0.1)
        pair = [repeatable(model, dtype) for model in (generator, discriminator)]
        return Trainer(*pair, config, cluster.strategy)


def repeatable(model, dtype):
    """Returns the same network without dropout and with synchronised batch norms."""

    def changed(layer):
        config = layer.get_config()
        for name, value in (("dtype", dtype), ("rate", 0.0), ("synchronized", True)):
            if name in config:
                config[name] = value
        return type(layer).from_config(config)

    clone = keras.models.clone_model(model, clone_function=changed)
    clone.set_weights([values.astype(dtype) for values in weights(model)])
    return clone


def weights(model):
    return [v.numpy() for v in model.variables if v.dtype.startswith("float")]


def networks(trainer):
    return {
        "generator": trainer.generator,
        "discriminator": trainer.discriminator,
        "averaged": trainer.averaged_generator,
    }
