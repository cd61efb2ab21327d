"""Validation of arguments that callers pass."""

import numpy as np


def check_choice(value, choices, name):
    """Raises ValueError unless a value is one of the choices.

    Args:
        value: object.
        choices: iterable of str.
        name: str, the name of the argument.
    """
    if value not in choices:
        allowed = ", ".join(choices)
        raise ValueError(f"`{name}` must be one of {allowed}. Received: {name}={value!r}")


def check_images(images, name):
    """Raises ValueError unless images are uint8 arrays [count, height, width, 3].

    Images in 0..1 or -1..1 would give wrong results without an error.

    Args:
        images: array, or an object that is indexed like one, such as `PhotoFile`.
        name: str, the name of the argument.
    """
    shape, dtype = tuple(np.shape(images)), getattr(images, "dtype", None)
    if dtype is None and len(images):
        dtype = images[:1].dtype if hasattr(images, "shape") else np.asarray(images).dtype
    if len(shape) != 4 or shape[-1] != 3 or dtype != np.uint8:
        raise ValueError(
            f"`{name}` must be a uint8 array [count, height, width, 3] with values in 0..255. "
            f"Received: {dtype} of shape {shape}"
        )
