"""Trains `lfw-face-1`: python -m benchmarks.train_face_network LFW_ARCHIVE OUTPUT.npz

Two tasks at once, on the training people only. *Who is it:* two pictures of one person (two
photos, or one photo twice), moved, flipped and recoloured, shall lie closer together than
pictures of different people (supervised contrastive loss): the features tell faces apart.
*How bad is it:* pictures are blurred and made noisy, and the strength of both is to be told:
without it features are free to ignore just what bad generators do.

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
_MOST_NOISE = 0.3
_MOVE = 5


def contrastive_loss(embeddings, people):
    """Returns the supervised contrastive loss of embeddings, a scalar in nats.

    Args:
        embeddings: float tensor [batch, length], normalised here.
        people: int tensor [batch]; each occurs at least twice.
    """
    embeddings = tf.math.l2_normalize(tf.cast(embeddings, tf.float32), -1)
    logits = tf.matmul(embeddings, embeddings, transpose_b=True) / _TEMPERATURE
    itself = tf.eye(tf.shape(logits)[0])
    logits -= 1e9 * itself
    same = tf.cast(people[:, None] == people[None], tf.float32) - itself
    log_probabilities = logits - tf.reduce_logsumexp(logits, 1, keepdims=True)
    return -tf.reduce_mean(tf.reduce_sum(same * log_probabilities, 1) / tf.reduce_sum(same, 1))


def distorted(images, blurs, noises):
    """Returns images blurred by one of `_BLURS` and with Gaussian noise.

    Args:
        images: float tensor [batch, height, width, 3].
        blurs: int tensor [batch], places in `_BLURS`.
        noises: float tensor [batch], standard deviations.
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


def _varied(photos):
    """Returns uint8 photos as floats in -1..1, moved, flipped and recoloured at random."""
    images = tf.cast(photos, tf.float32) / 127.5 - 1.0
    padded = tf.pad(images, [[0, 0], [_MOVE, _MOVE], [_MOVE, _MOVE], [0, 0]], "SYMMETRIC")
    count = tf.shape(images)[0]
    moves = tf.random.uniform((count, 2), 0, 2 * _MOVE + 1, tf.int32)
    moved = tf.gather(padded, moves[:, :1] + tf.range(IMAGE_SIZE), axis=1, batch_dims=1)
    moved = tf.gather(moved, moves[:, 1:] + tf.range(IMAGE_SIZE), axis=2, batch_dims=1)
    flip = tf.random.uniform((count, 1, 1, 1)) < 0.5
    images = tf.where(flip, tf.reverse(moved, [2]), moved)
    light, contrast, tint = (
        tf.random.uniform((count, 1, 1, channels), -0.15, 0.15) for channels in (1, 1, 3)
    )
    return tf.clip_by_value(images * (1.0 + contrast) + light + tint / 3, -1.0, 1.0)


class _Trainee:
    """The network with the heads of both tasks."""

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
        images = _varied(photos)
        blurs = tf.where(
            tf.random.uniform((count,)) < 0.5,
            tf.random.uniform((count,), 0, len(_BLURS), tf.int32),
            0,
        )
        noises = tf.where(
            tf.random.uniform((count,)) < 0.5, tf.random.uniform((count,), 0, _MOST_NOISE), 0.0
        )
        told = tf.stack([tf.cast(blurs, tf.float32) / 4, noises / _MOST_NOISE], 1)
        images = distorted(images, blurs, noises)
        with tf.GradientTape() as tape:
            embeddings, strengths = self.model(images, training=True)
            who = contrastive_loss(embeddings, people)
            bad = tf.reduce_mean(tf.abs(tf.cast(strengths, tf.float32) - told))
            loss = who + 2.0 * bad
        variables = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return who, bad


def _pairs(rng, names):
    """Yields places of photos [2 * PAIRS], two of each person, and the people."""
    people, persons = np.unique(names, return_inverse=True)
    photos_of = [np.flatnonzero(persons == person) for person in range(len(people))]
    while True:
        chosen = rng.choice(len(people), PAIRS, replace=False)
        places = [rng.choice(photos_of[p], 2, replace=len(photos_of[p]) < 2) for p in chosen]
        yield np.concatenate(places), np.repeat(chosen, 2)


def main():
    """Trains and writes the weights."""
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
    trainee, pairs = _Trainee(), _pairs(np.random.default_rng(SEED), people)
    for step in range(1, STEPS + 1):
        places, people = next(pairs)
        losses = trainee.step(tf.constant(photos[places]), tf.constant(people))
        if step % 100 == 0:
            logging.info("step %d: identity %.3f, distortion %.4f", step, *map(float, losses))
    save_face_network(trainee.network, arguments.output)


if __name__ == "__main__":
    main()
