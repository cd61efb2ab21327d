"""Differentiable augmentation of everything that the discriminator sees.

Photos and fakes are both augmented, in both networks' turns. So the discriminator cannot
memorise a small set of photos, while the generator still learns to make images without
augmentation.

Reference:
    [Zhao et al., 2020](https://arxiv.org/abs/2006.10738), DiffAugment.
"""

import tensorflow as tf

UNIFORMS = 7  # random numbers per image


def augment(images, names, uniforms):
    """Applies the augmentations in `names` to a batch, independently to each image.

    Args:
        images: float tensor [batch, height, width, 3], values approximately in -1..1.
        names: iterable of `"color"`, `"translation"`, `"cutout"`; always applied in this order.
        uniforms: float32 tensor [batch, UNIFORMS], uniform in 0..1; each row determines the
            augmentation of one image.
    """
    for name, (function, columns) in AUGMENTATIONS.items():
        if name in names:
            images = function(images, uniforms[:, columns])
    return images


def color(images, uniforms):
    """Adds U(-0.5, 0.5) to brightness, then scales saturation by U(0, 2), contrast by U(0.5, 1.5).

    Args:
        images: see `augment`.
        uniforms: float32 tensor [batch, 3], uniform in 0..1.
    """
    uniforms = tf.cast(uniforms, images.dtype)[:, :, None, None, None]
    brightness, saturation, contrast = tf.unstack(uniforms, axis=1)
    images += brightness - 0.5
    grey = tf.reduce_mean(images, 3, keepdims=True)
    images = grey + (images - grey) * (2.0 * saturation)
    mean = tf.reduce_mean(images, (1, 2, 3), keepdims=True)
    return mean + (images - mean) * (contrast + 0.5)


def translation(images, uniforms):
    """Shifts images by up to an eighth of each side, and fills with zeros (grey).

    Args:
        images: see `augment`.
        uniforms: float32 tensor [batch, 2], uniform in 0..1.
    """
    height, width = images.shape[1], images.shape[2]
    reach = [height // 8, width // 8]
    moves = _integers_below([2 * r + 1 for r in reach], uniforms)
    padded = tf.pad(images, [[0, 0], *([r, r] for r in reach), [0, 0]])
    rows = moves[:, :1] + tf.range(height)
    columns = moves[:, 1:] + tf.range(width)
    moved = tf.gather(padded, rows, axis=1, batch_dims=1)
    return tf.gather(moved, columns, axis=2, batch_dims=1)


def cutout(images, uniforms):
    """Sets a rectangle of half of each side to zero (grey); part of it may be outside the image.

    Args:
        images: see `augment`.
        uniforms: float32 tensor [batch, 2], uniform in 0..1.
    """
    height, width = images.shape[1], images.shape[2]
    side = [height // 2, width // 2]
    # DiffAugment's range of centres, both ends included.
    last = [s + 1 - cut % 2 for s, cut in zip((height, width), side)]
    centre = _integers_below(last, uniforms)
    first = centre - [cut // 2 for cut in side]
    rows, columns = tf.range(height)[None], tf.range(width)[None]
    in_rows = (rows >= first[:, :1]) & (rows < first[:, :1] + side[0])
    in_columns = (columns >= first[:, 1:]) & (columns < first[:, 1:] + side[1])
    hidden = in_rows[:, :, None, None] & in_columns[:, None, :, None]
    return tf.where(hidden, tf.zeros_like(images), images)


def _integers_below(limits, uniforms):
    """Returns uniform integers, int32 [batch, len(limits)], each column below its limit."""
    return tf.cast(uniforms * tf.cast(limits, tf.float32), tf.int32)


AUGMENTATIONS = {
    "color": (color, slice(0, 3)),
    "translation": (translation, slice(3, 5)),
    "cutout": (cutout, slice(5, 7)),
}
