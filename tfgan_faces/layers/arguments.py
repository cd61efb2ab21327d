"""Argument checks shared by the layers."""

import keras


def positive_pair(value, name):
    """Returns `value`, an int or a pair of ints, as a pair of positive ints."""
    pair = (value, value) if isinstance(value, int) else value
    valid = (
        isinstance(pair, (tuple, list))
        and len(pair) == 2
        and all(isinstance(item, int) and not isinstance(item, bool) and item > 0 for item in pair)
    )
    if not valid or isinstance(value, bool):
        raise ValueError(
            f"`{name}` must be a positive integer or a pair of positive integers. "
            f"Received: {name}={value!r}"
        )
    return tuple(pair)


def one_of(value, choices, name):
    """Returns `value` in lower case. Raises ValueError unless it is one of `choices`."""
    lowered = value.lower() if isinstance(value, str) else value
    if lowered not in choices:
        allowed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"`{name}` must be one of {allowed}. Received: {name}={value!r}")
    return lowered


def image_data_format(value):
    """Returns `value`, or the image data format that is configured in Keras if it is None."""
    if value is None:
        return keras.config.image_data_format()
    return one_of(value, ("channels_last", "channels_first"), "data_format")


def check_image_batch(shape, layer):
    """Raises ValueError unless `shape` has the rank of a batch of images, 4."""
    if len(shape) != 4:
        raise ValueError(
            f"{layer.__class__.__name__} expects a batch of images (a tensor of rank 4). "
            f"Received: an input of shape {tuple(shape)}"
        )


def spatial_size(shape, data_format):
    """Returns (height, width) from the shape of an image batch."""
    return tuple(shape[1:3]) if data_format == "channels_last" else tuple(shape[2:4])


def channel_count(shape, data_format):
    """Returns the number of channels from the shape of an image batch."""
    return shape[-1 if data_format == "channels_last" else 1]


def image_batch_shape(batch, size, channels, data_format):
    """Returns the shape of an image batch in `data_format`."""
    if data_format == "channels_last":
        return (batch, *size, channels)
    return (batch, channels, *size)


def positive_int(value, name):
    """Returns `value`. Raises ValueError unless it is a positive int."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"`{name}` must be a positive integer. Received: {name}={value!r}")
    return value
