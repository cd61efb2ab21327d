"""Channel counts of the stages of a network, scaled by `width`."""

from tfgan_faces.errors import UserError


def scaled(channels, width):
    """Returns `width` times `channels`, rounded to a multiple of 8 and at least 8."""
    return max(8, int(round(channels * width / 8)) * 8)


def of_stages(channels, image_size, width, architecture):
    """Returns the channels of the 4x4 image and of each stage from 8x8 to half the image's size.

    Args:
        channels: tuple of ints, those of an image of 256x256 at width 1.
        image_size: 16, 32, 64, 128 or 256.
        width: factor on all channel counts.
        architecture: str, a name for the error message.

    Raises:
        UserError: the image has another size.
    """
    check_size(image_size, architecture)
    stages = image_size.bit_length() - 4
    return [scaled(count, width) for count in channels[: stages + 1]]


def check_size(image_size, architecture):
    """Raises UserError unless stages lead from 4x4 to an image's size, see `of_stages`."""
    if image_size not in (16, 32, 64, 128, 256):
        raise UserError(
            f"--image_size must be 16, 32, 64, 128 or 256 with the {architecture} architecture. "
            f"Received: {image_size}"
        )
