"""The geometry of pooling windows, shared by pooling and unpooling."""

import tensorflow as tf

from tfgan_faces.layers import arguments
from tfgan_faces.layers.image_tensors import maximum, shape_of


class Windows:
    """Pooling windows over [batch, height, width, channels] images.

    Sides of images are ints, scalar tensors if they are known only at run time, or None if
    they are unknown (symbolic shapes).

    Args:
        pool_size: int or pair of ints, height and width of a window.
        strides: int or pair of ints, distance between windows, or None for `pool_size`.
        padding: `"valid"` or `"same"`.
    """

    def __init__(self, pool_size, strides, padding):
        self.pool_size = arguments.positive_pair(pool_size, "pool_size")
        self.strides = (
            self.pool_size if strides is None else arguments.positive_pair(strides, "strides")
        )
        self.padding = arguments.one_of(padding, ("valid", "same"), "padding")

    def get_config(self):
        return {
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
        }

    def count(self, size):
        """Returns the number of windows along (height, width)."""
        return tuple(self._count(*axis) for axis in zip(size, self.pool_size, self.strides))

    def _count(self, side, pool, stride):
        if side is None:
            return None
        if self.padding == "same":
            return -(-side // stride)
        if isinstance(side, int) and side < pool:
            raise ValueError(
                "`pool_size` must not be larger than the image. "
                f"Received: pool_size={self.pool_size} for an image side of {side}"
            )
        return (side - pool) // stride + 1

    def covered(self, counts):
        """Returns the (height, width) covered by `counts` windows."""
        if self.padding == "same":
            return tuple(n if n is None else n * s for n, s in zip(counts, self.strides))
        return tuple(n if n is None else span for n, span in zip(counts, self._spans(counts)))

    def margins(self, size, counts):
        """Returns the padding ((top, bottom), (left, right)) around images of `size`."""
        if self.padding == "valid":
            return (0, 0), (0, 0)
        totals = [maximum(span - side, 0) for span, side in zip(self._spans(counts), size)]
        return tuple((total // 2, total - total // 2) for total in totals)

    def _spans(self, counts):
        """Returns the distances from the start of the first window to the end of the last."""
        axes = zip(counts, self.strides, self.pool_size)
        return [None if n is None else (n - 1) * stride + pool for n, stride, pool in axes]

    def taps(self, images):
        """Yields the values and positions of all windows for each element of a window.

        Args:
            images: float tensor [batch, height, width, channels].

        Yields:
            `(values, positions)`: floats [batch, rows, columns, channels] (minus infinity
            in the padding) and int64 positions in the flattened image
            [1, rows, columns, channels].
        """
        _, height, width, channels = shape_of(images)
        counts = self.count((height, width))
        vertical, horizontal = self.margins((height, width), counts)
        if self.padding == "same":
            lowest = tf.constant(float("-inf"), images.dtype)
            images = tf.pad(images, [[0, 0], vertical, horizontal, [0, 0]], constant_values=lowest)
        for row in range(self.pool_size[0]):
            for column in range(self.pool_size[1]):
                rows = _strided_slice(row, counts[0], self.strides[0])
                columns = _strided_slice(column, counts[1], self.strides[1])
                positions = flat_positions(
                    _unpadded_indices(rows, vertical[0], height),
                    _unpadded_indices(columns, horizontal[0], width),
                    width,
                    channels,
                )
                yield images[:, rows, columns], positions

    def corners(self, size, counts, channels):
        """Returns the positions of the windows' top-left corners.

        Corners in the padding are moved into the image.

        Returns:
            int64 positions in the flattened image, [1, rows, columns, channels].
        """
        rows, columns = (
            tf.maximum(stride * tf.range(count) - before, 0)
            for stride, count, (before, _) in zip(self.strides, counts, self.margins(size, counts))
        )
        return flat_positions(rows, columns, size[1], channels)


def _strided_slice(first, count, stride):
    return slice(first, first + (count - 1) * stride + 1, stride)


def _unpadded_indices(padded, before, side):
    """Converts a slice of rows (columns) of padded images to indices in the image.

    The padding is never larger than a finite value. Clipping keeps its position inside the
    image even if a whole window is minus infinity.
    """
    indices = tf.range(padded.start, padded.stop, padded.step)
    return tf.clip_by_value(indices - before, 0, side - 1)


def flat_positions(rows, columns, width, channels):
    """Returns int64 positions [1, rows, columns, channels] in flattened images."""
    rows, columns, width, channels = (
        tf.cast(item, tf.int64) for item in (rows, columns, width, channels)
    )
    pixels = rows[:, None] * width + columns[None, :]
    return (pixels[..., None] * channels + tf.range(channels))[None]
