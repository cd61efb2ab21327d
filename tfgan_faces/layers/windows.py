"""The geometry of pooling windows, one definition for pooling and unpooling."""

import tensorflow as tf

from tfgan_faces.layers import arguments
from tfgan_faces.layers.image_tensors import maximum, shape_of


class Windows:
    """Pooling windows over [batch, height, width, channels] images.

    Sides of images are ints, scalar tensors where they are known at run time only, or
    None where they are not known at all (symbolic shapes).

    Args:
        pool_size: int or pair of ints, height and width of a window.
        strides: int or pair of ints, distance of two windows; None for `pool_size`.
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
                f"`pool_size` must fit into the image. "
                f"Received: pool_size={self.pool_size} for an image side of {side}"
            )
        return (side - pool) // stride + 1

    def covered(self, counts):
        """Returns the (height, width) that this many windows cover."""
        if self.padding == "same":
            return tuple(n if n is None else n * s for n, s in zip(counts, self.strides))
        return tuple(n if n is None else span for n, span in zip(counts, self._spans(counts)))

    def margins(self, size, counts):
        """Returns the padding ((top, bottom), (left, right)) around images of this size."""
        if self.padding == "valid":
            return (0, 0), (0, 0)
        totals = [maximum(span - side, 0) for span, side in zip(self._spans(counts), size)]
        return tuple((total // 2, total - total // 2) for total in totals)

    def _spans(self, counts):
        """From the first window's first row (column) to the last one's last."""
        axes = zip(counts, self.strides, self.pool_size)
        return [None if n is None else (n - 1) * stride + pool for n, stride, pool in axes]

    def taps(self, images):
        """Yields, for each place within a window, all windows' values and positions there.

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
                rows = _progression(row, counts[0], self.strides[0])
                columns = _progression(column, counts[1], self.strides[1])
                positions = flat_positions(
                    _inside(rows, vertical[0], height),
                    _inside(columns, horizontal[0], width),
                    width,
                    channels,
                )
                yield images[:, rows, columns], positions

    def corners(self, size, counts, channels):
        """Returns positions of the windows' top-left corners, those in the padding moved inside.

        Returns:
            int64 positions in the flattened image, [1, rows, columns, channels].
        """
        rows, columns = (
            tf.maximum(stride * tf.range(count) - before, 0)
            for stride, count, (before, _) in zip(self.strides, counts, self.margins(size, counts))
        )
        return flat_positions(rows, columns, size[1], channels)


def _progression(first, count, stride):
    return slice(first, first + (count - 1) * stride + 1, stride)


def _inside(places, before, side):
    """Rows (columns) of padded images as those of the image.

    A place in the padding never beats a finite value; clipping keeps its position inside
    the image even when a whole window is minus infinity.
    """
    indices = tf.range(places.start, places.stop, places.step)
    return tf.clip_by_value(indices - before, 0, side - 1)


def flat_positions(rows, columns, width, channels):
    """Returns int64 positions [1, rows, columns, channels] in flattened images."""
    rows, columns, width, channels = (
        tf.cast(item, tf.int64) for item in (rows, columns, width, channels)
    )
    pixels = rows[:, None] * width + columns[None, :]
    return (pixels[..., None] * channels + tf.range(channels))[None]
