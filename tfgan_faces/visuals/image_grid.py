"""Image arrays as pixels, grids and files."""

import io

import numpy as np
from matplotlib import colormaps
from PIL import Image

from tfgan_faces.image_arrays import check_images
from tfgan_faces.storage.files import write_whole
from tfgan_faces.storage.paths import as_path


def to_uint8(images):
    """Returns images in -1..1 (anything beyond is clipped) as uint8 pixels, rounded."""
    return np.uint8(np.rint((np.clip(images, -1.0, 1.0) + 1.0) * 127.5))


def image_grid(images, columns=None):
    """Lays images out in rows.

    Args:
        images: uint8 array [count, height, width, 3].
        columns: int; by default as many as make the grid about square. The last row is
            filled up with white.

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


def enlarged(image, least=512):
    """Returns an image with every pixel as a square, so that its width is about `least`."""
    factor = max(1, round(least / image.shape[1]))
    return image.repeat(factor, axis=0).repeat(factor, axis=1)


def heat(values):
    """Returns values in 0..1 (anything beyond is clipped) as colours, dark to bright.

    Args:
        values: float array [height, width].

    Returns:
        uint8 array [height, width, 3].
    """
    return colormaps["inferno"](np.clip(values, 0.0, 1.0), bytes=True)[..., :3]


def write_png(path, image):
    """Writes a uint8 image [height, width, 3] as a PNG, whole or not at all."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    write_whole(path, buffer.getvalue())


def read_png(path):
    """Reads a PNG as a uint8 array [height, width, 3]."""
    with Image.open(io.BytesIO(as_path(path).read_bytes())) as image:
        return np.asarray(image.convert("RGB"))


def write_gif(path, frames, seconds_per_frame):
    """Writes uint8 images [height, width, 3] as a looping GIF, whole or not at all."""
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
    write_whole(path, buffer.getvalue())
