"""Conversion of image arrays to pixels, grids and files."""

import io

import numpy as np
from matplotlib import colormaps
from PIL import Image

from tfgan_faces.arguments import check_images
from tfgan_faces.storage.files import write_atomic
from tfgan_faces.storage.paths import as_path


def to_uint8(images):
    """Returns images in -1..1 as uint8 pixels, rounded; values outside the range are clipped."""
    return np.uint8(np.rint((np.clip(images, -1.0, 1.0) + 1.0) * 127.5))


def image_grid(images, columns=None):
    """Arranges images in a grid, row by row.

    Args:
        images: uint8 array [count, height, width, 3].
        columns: int; by default, the grid is nearly square. The last row is padded with white.

    Returns:
        uint8 array [rows * height, columns * width, 3].
    """
    check_images(images, "images")
    count, height, width, channels = images.shape
    columns = columns or int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    cells = np.full((rows * columns, height, width, channels), 255, np.uint8)
    cells[:count] = images
    cells = cells.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    return cells.reshape(rows * height, columns * width, channels)


def enlarged(image, minimum_width=512):
    """Returns an image enlarged to a width of about `minimum_width` by repeating pixels."""
    factor = max(1, round(minimum_width / image.shape[1]))
    return image.repeat(factor, axis=0).repeat(factor, axis=1)


def heat(values):
    """Returns values in 0..1 as colours, dark to bright; values outside the range are clipped.

    Args:
        values: float array [height, width].

    Returns:
        uint8 array [height, width, 3].
    """
    return colormaps["inferno"](np.clip(values, 0.0, 1.0), bytes=True)[..., :3]


def write_png(path, image, mark=None, seed=None):
    """Writes a uint8 image [height, width, 3] as a PNG, atomically.

    Args:
        mark: `SyntheticMark` of a generated image, or None.
        seed: int, the seed of the face, which the mark contains.
    """
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", pnginfo=mark and mark.png_info(seed))
    write_atomic(path, buffer.getvalue())


def read_png(path):
    """Reads a PNG as a uint8 array [height, width, 3]."""
    with Image.open(io.BytesIO(as_path(path).read_bytes())) as image:
        return np.asarray(image.convert("RGB"))


def write_gif(path, frames, seconds_per_frame, mark=None):
    """Writes uint8 images [height, width, 3] as a looping GIF, atomically.

    Args:
        mark: `SyntheticMark` of generated images, or None.
    """
    pictures = [Image.fromarray(frame) for frame in frames]
    buffer = io.BytesIO()
    pictures[0].save(
        buffer,
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=int(1000 * seconds_per_frame),
        loop=0,
    )
    content = buffer.getvalue()
    write_atomic(path, mark.in_gif(content) if mark else content)
