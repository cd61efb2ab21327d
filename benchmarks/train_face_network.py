"""Trains the face network `lfw-face-2`.

    python -m benchmarks.train_face_network LFW_ARCHIVE OUTPUT.npz

The network learns three tasks at once, on the training people only. *Identity:* two images of one
person (two photos, or one photo twice) are shifted, flipped and recoloured. Their embeddings must
be closer to each other than to those of other people (supervised contrastive loss). So the
features distinguish faces. *Distortion:* images are blurred and made noisy, and the network
predicts the strength of both. *Tears:* a part of the image is replaced by the same part of another
image, or of the same image after a shift or a smooth displacement, and the network predicts
whether it was. Without these tasks the features could ignore exactly the defects of bad
generators.

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
_TORN = 96  # images in a batch that are also shown torn
_MAX_TEAR = 8.0  # shift of a torn part in pixels
_MAX_DISPLACEMENT = 4.0  # standard deviation in pixels
_MAX_SEAM = 6.0  # half the width of the transition in pixels


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


def torn(images, others):
    """Returns images of which a part on one side of a line is wrong.

    The part comes from another image, or from the same image after a shift or after a smooth
    random displacement, each in a third of the cases. The line passes near the middle at any
    angle. The transition is up to twice `_MAX_SEAM` wide, because a generator's tears are often
    smooth, too.

    Args:
        images: float tensor [batch, size, size, 3].
        others: float tensor of the same shape, of other people.
    """
    count, size = len(images), images.shape[1]
    kind = tf.random.uniform((count, 1, 1, 1), 0, 3, tf.int32)
    angle = tf.random.uniform((count,), 0.0, 2.0 * np.pi)
    distance = tf.random.uniform((count, 1), _MAX_TEAR / 3, _MAX_TEAR)
    shift = distance * tf.stack([tf.sin(angle), tf.cos(angle)], 1)
    shifts = tf.broadcast_to(shift[:, None, None], (count, size, size, 2))
    field = tf.image.resize(tf.random.normal((count, 5, 5, 2)), (size, size), "bicubic")
    field *= tf.random.uniform((count, 1, 1, 1), _MAX_DISPLACEMENT / 3, _MAX_DISPLACEMENT)
    moved = displaced(images, tf.where(kind == 1, shifts, field))
    wrong = tf.where(kind == 0, others, moved)
    mask = _half_planes(count, size)
    return images + mask * (wrong - images)


def displaced(images, offsets):
    """Returns images whose pixels come from other places, by bilinear interpolation.

    Args:
        images: float tensor [batch, height, width, channels].
        offsets: float tensor [batch, height, width, 2], rows and columns from each pixel to its
            origin. Places outside the image have the value of the nearest pixel.
    """
    height, width = images.shape[1:3]
    rows, columns = tf.meshgrid(tf.range(height), tf.range(width), indexing="ij")
    places = tf.cast(tf.stack([rows, columns], -1), tf.float32) + offsets
    places = tf.clip_by_value(places, 0.0, [height - 1.0, width - 1.0])
    first = tf.cast(tf.floor(places), tf.int32)
    second = tf.minimum(first + 1, [height - 1, width - 1])
    weights = places - tf.floor(places)
    result = 0.0
    for row, row_weight in ((first, 1.0 - weights), (second, weights)):
        for column, column_weight in ((first, 1.0 - weights), (second, weights)):
            index = tf.stack([row[..., 0], column[..., 1]], -1)
            weight = row_weight[..., :1] * column_weight[..., 1:]
            result += weight * tf.gather_nd(images, index, batch_dims=1)
    return result


def _half_planes(count, size):
    """Returns masks [count, size, size, 1]: 1 on one side of a random line, 0 on the other."""
    angle = tf.random.uniform((count, 1, 1), 0.0, 2.0 * np.pi)
    line = tf.linspace(-0.5, 0.5, size) * size
    across = tf.cos(angle) * line[None, None] + tf.sin(angle) * line[None, :, None]
    across += tf.random.uniform((count, 1, 1), -size / 6, size / 6)
    half_width = tf.random.uniform((count, 1, 1), 0.5, _MAX_SEAM)
    return tf.clip_by_value(0.5 + 0.5 * across / half_width, 0.0, 1.0)[..., None]


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
            self.network.input, [layers.Dense(64)(hidden), layers.Dense(3)(features)]
        )
        schedule = keras.optimizers.schedules.CosineDecay(
            1e-5, STEPS - 200, warmup_target=2e-3, warmup_steps=200
        )
        self.optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-3)

    @tf.function
    def step(self, photos, people):
        images = _augmented(photos)
        # Neighbours show the same person, so the other image is two further.
        images = tf.concat([images, torn(images[:_TORN], tf.roll(images, -2, 0)[:_TORN])], 0)
        whole, count = len(photos), len(images)
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
            identity_loss = contrastive_loss(embeddings[:whole], people)
            strengths = tf.cast(strengths, tf.float32)
            distortion_loss = tf.reduce_mean(tf.abs(strengths[:, :2] - true_strengths))
            are_torn = tf.cast(tf.range(count) >= whole, tf.float32)
            tear_loss = tf.reduce_mean(
                tf.nn.sigmoid_cross_entropy_with_logits(are_torn, strengths[:, 2])
            )
            loss = identity_loss + 2.0 * distortion_loss + tear_loss
        variables = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return identity_loss, distortion_loss, tear_loss


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
            logging.info(
                "step %d: identity %.3f, distortion %.4f, tears %.4f", step, *map(float, losses)
            )
    save_face_network(trainer.network, arguments.output)


if __name__ == "__main__":
    main()
