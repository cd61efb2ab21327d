"""Trains the face network `lfw-face-1`.

    python -m benchmarks.train_face_network LFW_ARCHIVE OUTPUT.npz

The network learns two tasks at once, on the training people only. *Identity:* two images of one
person (two photos, or one photo twice) are shifted, flipped and recoloured. Their embeddings must
be closer to each other than to those of other people (supervised contrastive loss). So the
features distinguish faces. *Distortion:* images are blurred and made noisy, and the network
predicts the strength of both. Without this task the features could ignore exactly the defects of
bad generators.

Reference:
    [Khosla et al., 2020](https://arxiv.org/abs/2004.11362), equation 2.
"""

import argparse
import logging

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.batches.examples import people_and_names
from tfgan_faces.data.batches.open_photos import read_photos
from tfgan_faces.data.batches.people import held_out
from tfgan_faces.data.records.preparation import prepare
from tfgan_faces.evaluation.face_network import IMAGE_SIZE, build_face_network, save_face_network

STEPS, PAIRS, SEED = 3000, 96, 1
_TEMPERATURE = 0.1
_BLURS = (0.0, 0.6, 1.0, 1.6, 2.5)
_MAX_NOISE = 0.3
_MAX_SHIFT = 5


def contrastive_loss(embeddings, people):
    """Returns the supervised contrastive loss of embeddings, a scalar in nats.

    Args:
        embeddings: float tensor [batch, length], normalised by this function.
        people: int tensor [batch]; each person occurs at least twice.
    """
    embeddings = tf.math.l2_normalize(tf.cast(embeddings, tf.float32), -1)
    logits = tf.matmul(embeddings, embeddings, transpose_b=True) / _TEMPERATURE
    identity = tf.eye(tf.shape(logits)[0])
    logits -= 1e9 * identity  # no embedding is compared with itself
    same = tf.cast(people[:, None] == people[None], tf.float32) - identity
    log_probabilities = logits - tf.reduce_logsumexp(logits, 1, keepdims=True)
    return -tf.reduce_mean(tf.reduce_sum(same * log_probabilities, 1) / tf.reduce_sum(same, 1))


def distorted(images, blurs, noises):
    """Returns images with a blur from `_BLURS` and Gaussian noise.

    Args:
        images: float tensor [batch, height, width, 3].
        blurs: int tensor [batch], indices into `_BLURS`.
        noises: float tensor [batch], standard deviations of the noise.
    """
    levels = tf.stack([blurred(images, sigma) for sigma in _BLURS], 1)
    images = tf.gather(levels, blurs, batch_dims=1)
    return images + noises[:, None, None, None] * tf.random.normal(tf.shape(images))


def blurred(images, sigma):
    """Returns float images [batch, height, width, 3] after a Gaussian blur of `sigma` pixels."""
    if not sigma:
        return images
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).astype(np.float32)
    kernel = np.tile((kernel / kernel.sum())[:, None, None, None], (1, 1, 3, 1))
    images = tf.pad(images, [[0, 0], [reach, reach], [reach, reach], [0, 0]], "SYMMETRIC")
    images = tf.nn.depthwise_conv2d(images, kernel, (1, 1, 1, 1), "VALID")
    return tf.nn.depthwise_conv2d(images, kernel.transpose(1, 0, 2, 3), (1, 1, 1, 1), "VALID")


def _augmented(photos):
    """Returns uint8 photos as floats in -1..1, randomly shifted, flipped and recoloured."""
    images = tf.cast(photos, tf.float32) / 127.5 - 1.0
    padded = tf.pad(
        images, [[0, 0], [_MAX_SHIFT, _MAX_SHIFT], [_MAX_SHIFT, _MAX_SHIFT], [0, 0]], "SYMMETRIC"
    )
    count = tf.shape(images)[0]
    shifts = tf.random.uniform((count, 2), 0, 2 * _MAX_SHIFT + 1, tf.int32)
    shifted = tf.gather(padded, shifts[:, :1] + tf.range(IMAGE_SIZE), axis=1, batch_dims=1)
    shifted = tf.gather(shifted, shifts[:, 1:] + tf.range(IMAGE_SIZE), axis=2, batch_dims=1)
    flip = tf.random.uniform((count, 1, 1, 1)) < 0.5
    images = tf.where(flip, tf.reverse(shifted, [2]), shifted)
    brightness, contrast, tint = (
        tf.random.uniform((count, 1, 1, channels), -0.15, 0.15) for channels in (1, 1, 3)
    )
    return tf.clip_by_value(images * (1.0 + contrast) + brightness + tint / 3, -1.0, 1.0)


class _MultiTaskTrainer:
    """Trains the network with a head for each task."""

    def __init__(self):
        self.network = build_face_network(keras.config.dtype_policy().name)
        features = self.network.output
        hidden = layers.Dense(128, activation="relu")(features)
        self.model = keras.Model(
            self.network.input, [layers.Dense(64)(hidden), layers.Dense(2)(features)]
        )
        schedule = keras.optimizers.schedules.CosineDecay(
            1e-5, STEPS - 200, warmup_target=2e-3, warmup_steps=200
        )
        self.optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-3)

    @tf.function
    def step(self, photos, people):
        count = tf.shape(photos)[0]
        images = _augmented(photos)
        blurs = tf.where(
            tf.random.uniform((count,)) < 0.5,
            tf.random.uniform((count,), 0, len(_BLURS), tf.int32),
            0,
        )
        noises = tf.where(
            tf.random.uniform((count,)) < 0.5, tf.random.uniform((count,), 0, _MAX_NOISE), 0.0
        )
        true_strengths = tf.stack([tf.cast(blurs, tf.float32) / 4, noises / _MAX_NOISE], 1)
        images = distorted(images, blurs, noises)
        with tf.GradientTape() as tape:
            embeddings, strengths = self.model(images, training=True)
            identity_loss = contrastive_loss(embeddings, people)
            errors = tf.abs(tf.cast(strengths, tf.float32) - true_strengths)
            distortion_loss = tf.reduce_mean(errors)
            loss = identity_loss + 2.0 * distortion_loss
        variables = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return identity_loss, distortion_loss


def _pairs(rng, names):
    """Yields indices of photos [2 * PAIRS], two of each person, and indices of the people."""
    people, persons = np.unique(names, return_inverse=True)
    photos_of = [np.flatnonzero(persons == person) for person in range(len(people))]
    while True:
        chosen = rng.choice(len(people), PAIRS, replace=False)
        indices = [rng.choice(photos_of[p], 2, replace=len(photos_of[p]) < 2) for p in chosen]
        yield np.concatenate(indices), np.repeat(chosen, 2)


def main():
    """Trains the network and writes its weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", help="the LFW archive (lfw-deepfunneled.tgz)")
    parser.add_argument("output", help="the .npz file to write")
    parser.add_argument("--cache_dir", default="cache", help="folder of prepared photos")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    keras.utils.set_random_seed(SEED)
    keras.config.set_dtype_policy("mixed_bfloat16")
    data = DataConfig("lfw", data_dir=arguments.archive, image_size=IMAGE_SIZE)
    records = prepare(Config(data).resolved().data, arguments.cache_dir)
    photos = read_photos(records)[:]
    people, names = map(np.array, people_and_names(records))
    people = people[~held_out(people, names)]
    logging.info("%d photos of %d training people", len(photos), len(set(people)))
    trainer, pairs = _MultiTaskTrainer(), _pairs(np.random.default_rng(SEED), people)
    for step in range(1, STEPS + 1):
        indices, people = next(pairs)
        losses = trainer.step(tf.constant(photos[indices]), tf.constant(people))
        if step % 100 == 0:
            logging.info("step %d: identity %.3f, distortion %.4f", step, *map(float, losses))
    save_face_network(trainer.network, arguments.output)


if __name__ == "__main__":
    main()
