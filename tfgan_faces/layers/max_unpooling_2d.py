"""Unpooling: writes each value to one position of its pooling window."""

import keras
import numpy as np
import tensorflow as tf

from tfgan_faces.layers import arguments
from tfgan_faces.layers.image_tensors import from_channels_last, shape_of, to_channels_last
from tfgan_faces.layers.windows import Windows


@keras.saving.register_keras_serializable(package="tfgan_faces")
class MaxUnpooling2D(keras.layers.Layer):
    """Writes each value to one position of its pooling window and zeros to all others.

    Called with `[values, argmax]`, the layer writes each value to the position where
    `MaxPoolingWithArgmax2D` found it. Called with `values` alone, it writes each value to the
    top-left corner of its window, as a generator does. If windows overlap, several values can
    have the same position. The result is then their mean, which for the output of max-pooling
    is the value itself. They share its gradient.

    Args:
        pool_size: int or pair of ints, height and width of a window.
        strides: int or pair of ints, distance between windows. Defaults to `pool_size`.
        padding: `"valid"` or `"same"`, as in the corresponding pooling.
        data_format: `"channels_last"` or `"channels_first"`. Defaults to the setting of Keras.

    Call arguments:
        inputs: `values`, or the pair `[values, argmax]` with an int32 or int64 argmax from
            `MaxPoolingWithArgmax2D`.
        output_size: pair of ints, the height and width of the result. Defaults to the size
            that the windows cover: `pool_size` times the input size if windows do not overlap.
            Positions outside of their windows raise a ValueError in eager mode. In a graph
            they are not checked, because they are unknown when the graph is built.
        like: image batch with the height and width of the result. An alternative to
            `output_size` that also works if sizes are unknown until run time. Unpooling with
            argmax requires one of the two if the height or width of the images is odd.

    Input shape:
        `[batch, height, width, channels]`, or `[batch, channels, height, width]` with
        `data_format="channels_first"`, for both values and argmax.

    Output shape:
        The input shape with the unpooled height and width.

    Example:

    >>> images = np.array([1.0, 5.0, 2.0, 3.0]).reshape(1, 2, 2, 1)
    >>> pooled, argmax = MaxPoolingWithArgmax2D(2)(images)
    >>> MaxUnpooling2D(2)([pooled, argmax])[0, :, :, 0].numpy()
    array([[0., 5.],
           [0., 0.]], dtype=float32)

    Reference:
        [Zeiler and Fergus, 2013](https://arxiv.org/abs/1311.2901), section 2.1;
        [Dosovitskiy et al., 2015](https://arxiv.org/abs/1411.5928) for the fixed corner.
    """

    def __init__(self, pool_size=2, strides=None, padding="valid", data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.windows = Windows(pool_size, strides, padding)
        self.data_format = arguments.image_data_format(data_format)

    def call(self, inputs, output_size=None, like=None):
        values, argmax = _split(inputs)
        self._check(values, argmax, output_size, like)
        values = to_channels_last(values, self.data_format)
        _, *counts, channels = shape_of(values)
        size = self._size(counts, output_size, None if like is None else shape_of(like))
        default_size = output_size is None and like is None
        if argmax is not None:
            argmax = tf.cast(to_channels_last(argmax, self.data_format), tf.int64)
            if tf.executing_eagerly():  # in a graph the positions are unknown
                self._check_positions(argmax, size, counts, channels)
            unpooled = _place(values, argmax, size)
        elif default_size and self.windows.strides == self.windows.pool_size:
            unpooled = _spread(values, self.windows.pool_size)
        else:
            corners = self.windows.corners(size, counts, channels)
            unpooled = _place(values, tf.broadcast_to(corners, tf.shape(values)), size)
        return from_channels_last(unpooled, self.data_format)

    def compute_output_spec(self, inputs, output_size=None, like=None):
        values, argmax = _split(inputs)
        self._check(values, argmax, output_size, like)
        counts = arguments.spatial_size(values.shape, self.data_format)
        size = self._size(counts, output_size, None if like is None else like.shape)
        channels = arguments.channel_count(values.shape, self.data_format)
        shape = arguments.image_batch_shape(values.shape[0], size, channels, self.data_format)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def _size(self, counts, output_size, like_shape):
        if like_shape is not None:
            return arguments.spatial_size(like_shape, self.data_format)
        if output_size is not None:
            return arguments.positive_pair(output_size, "output_size")
        return self.windows.covered(counts)

    def _check(self, values, argmax, output_size, like):
        arguments.check_image_batch(values.shape, self)
        if output_size is not None and like is not None:
            raise ValueError(
                "At most one of `output_size` and `like` may be given. "
                f"Received: output_size={output_size!r} and like of shape {tuple(like.shape)}"
            )
        if like is not None:
            arguments.check_image_batch(like.shape, self)
        if argmax is not None:
            _check_argmax(argmax, values)
        counts = arguments.spatial_size(values.shape, self.data_format)
        size = self._size(counts, output_size, None if like is None else like.shape)
        expected = self.windows.count(size)
        if any(None not in pair and pair[0] != pair[1] for pair in zip(counts, expected)):
            raise ValueError(
                f"`output_size` must be a size that pools to the input size {tuple(counts)}. "
                f"Received: {tuple(size)}, which pools to {expected}"
            )

    def _check_positions(self, argmax, size, counts, channels):
        """Raises ValueError if a position is outside of its window."""
        corners = self.windows.corners(size, counts, channels)
        positions = [
            (flat // (size[1] * channels), flat // channels % size[1])
            for flat in (argmax.numpy(), corners.numpy())
        ]
        for position, corner, side in zip(*positions, self.windows.pool_size):
            if np.any(position < corner) or np.any(position >= corner + side):
                raise ValueError(
                    "`argmax` must contain positions inside their windows, counted from 0 in each "
                    f"image of the output size {tuple(size)}. Pass the size of the images before "
                    "pooling as `output_size`, and pool with include_batch_in_index=False. "
                    f"Received: positions from {argmax.numpy().min()} to {argmax.numpy().max()}"
                )

    def get_config(self):
        return {
            **super().get_config(),
            **self.windows.get_config(),
            "data_format": self.data_format,
        }


def _split(inputs):
    if not isinstance(inputs, (list, tuple)):
        return inputs, None
    if len(inputs) != 2:
        raise ValueError(
            "`inputs` must be `values` or the pair `[values, argmax]`. "
            f"Received: a list of length {len(inputs)}"
        )
    return inputs


def _check_argmax(argmax, values):
    if keras.backend.standardize_dtype(argmax.dtype) not in ("int32", "int64"):
        raise ValueError(f"`argmax` must be int32 or int64. Received: {argmax.dtype}")
    pairs = zip(values.shape, argmax.shape)
    if len(argmax.shape) != 4 or any(None not in pair and pair[0] != pair[1] for pair in pairs):
        raise ValueError(
            "`argmax` must have the shape of `values`. "
            f"Received: {tuple(argmax.shape)} for values of shape {tuple(values.shape)}"
        )


def _spread(values, pool_size):
    """Inserts zeros below and to the right of each value, for windows that do not overlap."""
    batch, height, width, channels = shape_of(values)
    below, right = pool_size[0] - 1, pool_size[1] - 1
    apart = values[:, :, None, :, None, :]
    apart = tf.pad(apart, [[0, 0], [0, 0], [0, below], [0, 0], [0, right], [0, 0]])
    return tf.reshape(apart, (batch, height * pool_size[0], width * pool_size[1], channels))


def _place(values, argmax, size):
    """Writes `values` to the flat positions `argmax` of images that are zero elsewhere.

    Duplicates are summed and averaged. A scatter that overwrites would pass the full gradient
    to every duplicate, and one that takes the maximum would drop negative values.
    """
    batch, _, _, channels = shape_of(values)
    height, width = size
    # 32 bits: half precision would round the sums, and XLA requires static sizes of one type.
    sums = tf.cast(values, tf.float32) if values.dtype.size < 4 else values
    per_image = tf.cast(height * width * channels, tf.int64)
    offsets = per_image * tf.range(tf.cast(batch, tf.int64))
    # Positions beyond the image must not fall into the next one. Segment -1 is dropped.
    segments = tf.where(argmax < per_image, argmax + offsets[:, None, None, None], -1)
    segment_count = batch * height * width * channels
    total = tf.math.unsorted_segment_sum(sums, segments, segment_count)
    counts = tf.math.unsorted_segment_sum(tf.ones_like(sums), segments, segment_count)
    images = tf.reshape(
        total / tf.maximum(counts, tf.ones_like(counts)), (batch, height, width, channels)
    )
    return tf.cast(images, values.dtype)
