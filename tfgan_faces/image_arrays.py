"""The one check of images that come from outside."""

import numpy as np


def check_images(images, name):
    """Raises ValueError unless images are uint8 arrays [count, height, width, 3].

    Images in 0..1 or -1..1 would give numbers, too, but wrong ones.

    Args:
        images: array, or what is indexed like one, such as `PhotoFile`.
        name: str, the argument's.
    """
    shape, dtype = tuple(np.shape(images)), getattr(images, "dtype", None)
    if dtype is None and len(images):
        dtype = images[:1].dtype if hasattr(images, "shape") else np.asarray(images).dtype
    if len(shape) != 4 or shape[-1] != 3 or dtype != np.uint8:
        raise ValueError(
            f"`{name}` must be pixels of 0 to 255: a uint8 array [count, height, width, 3]. "
            f"Received: {dtype} of shape {shape}"
        )
