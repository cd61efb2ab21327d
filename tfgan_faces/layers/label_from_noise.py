"""The label of a generated image, chosen by one number of its latent."""

import itertools
import statistics

import keras
import tensorflow as tf

_EPSILON = 1e-20  # so that the latent zero can have any label, too


@keras.saving.register_keras_serializable(package="tfgan_faces")
class LabelFromNoise(keras.layers.Layer):
    """Replaces the last number of each latent by a one-hot label.

    The last number is divided by the root mean square of the others. For noise, the result is
    almost a standard normal number, whose range is divided among the labels in proportion to
    their shares. So noise gives every label as often as the photos have it, a conditional
    generator takes latents like any other, and a label does not change when a latent is scaled.

    Args:
        names: sequence of at least two different str, the labels.
        shares: sequence of positive floats, the share of the photos that have each label. They
            are divided by their sum.
        label: int, the index of a label that every latent gets, or None.

    Input shape:
        `[batch, latent_dim]`.

    Output shape:
        `[batch, latent_dim - 1 + len(names)]`.

    Raises:
        ValueError: the arguments are not as described.

    Example:

    >>> layer = LabelFromNoise(["no", "yes"], [0.8, 0.2])
    >>> layer(tf.constant([[1.0, -1.0, 0.5], [1.0, -1.0, 2.0]]))
    [[1., -1., 1., 0.], [1., -1., 0., 1.]]
    """

    def __init__(self, names, shares, label=None, **kwargs):
        # Thresholds between labels must not be rounded to bfloat16.
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.names, self.shares, self.label = list(names), list(map(float, shares)), label
        _check(self.names, self.shares, label)
        ends = list(itertools.accumulate(self.shares))
        normal = statistics.NormalDist()
        self.thresholds = [normal.inv_cdf(end / ends[-1]) for end in ends[:-1]]
        middles = [end - share / 2 for end, share in zip(ends, self.shares)]
        self.middles = [normal.inv_cdf(middle / ends[-1]) for middle in middles]

    def labels(self, latents):
        """Returns the one-hot labels of latents, float32 [batch, len(names)]."""
        if self.label is not None:
            index = tf.fill(tf.shape(latents)[:1], self.label)
        else:
            position = latents[:, -1:] / _root_mean_square(latents)
            above = position > tf.constant(self.thresholds, latents.dtype)
            index = tf.reduce_sum(tf.cast(above, tf.int32), 1)
        return tf.one_hot(index, len(self.names), dtype=tf.float32)

    def chosen(self, latents, indices):
        """Returns latents that have the given labels, and are otherwise the same.

        Args:
            latents: float32 tensor [batch, latent_dim].
            indices: int tensor [batch].
        """
        middles = tf.gather(tf.constant(self.middles, latents.dtype), indices)[:, None]
        return tf.concat([latents[:, :-1], middles * _root_mean_square(latents)], 1)

    def call(self, latents):
        return tf.concat([latents[:, :-1], self.labels(latents)], 1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1] - 1 + len(self.names))

    def get_config(self):
        own = {"names": self.names, "shares": self.shares, "label": self.label}
        return {**super().get_config(), **own}


def label_layer(generator):
    """Returns the `LabelFromNoise` of a generator, or None if it has no labels."""
    layers = getattr(generator, "layers", ())
    return next((layer for layer in layers if isinstance(layer, LabelFromNoise)), None)


def _root_mean_square(latents):
    """Returns the root mean square of all but the last number of each latent, [batch, 1]."""
    root = tf.sqrt(tf.reduce_mean(tf.square(latents[:, :-1]), 1, keepdims=True))
    return tf.maximum(root, _EPSILON)


def _check(names, shares, label):
    if len(names) < 2 or len({*names}) < len(names):
        raise ValueError(
            f"`names` must be at least two different labels. Received: names={names!r}"
        )
    if len(shares) != len(names) or min(shares) <= 0.0:
        raise ValueError(
            f"`shares` must be {len(names)} positive numbers, one for each label. "
            f"Received: shares={shares!r}"
        )
    if label is not None and label not in range(len(names)):
        raise ValueError(
            f"`label` must be None or the index of a label, less than {len(names)}. "
            f"Received: label={label!r}"
        )
