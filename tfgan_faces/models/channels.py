"""Channel counts of the stages of a network, scaled by `width`."""

from tfgan_faces.errors import UserError


def scaled(channels, width):
    """Returns `width` times `channels`, rounded to a multiple of 8 and at least 8."""
    return max(8, int(round(channels * width / 8)) * 8)


def of_stages(channels, image_size, width):
    """Returns the channels of the 4x4 image and of each stage from 8x8 to half the image's size.

    Args:
        channels: tuple of ints, those of an image of 256x256 at width 1.
        image_size: 16, 32, 64, 128 or 256.
        width: factor on all channel counts.

    Raises:
        UserError: the image has another size.
    """
    check_size(image_size)
    stages = image_size.bit_length() - 4
    return [scaled(count, width) for count in channels[: stages + 1]]


def check_size(image_size):
    """Raises UserError unless stages lead from 4x4 to an image's size, see `of_stages`."""
    if image_size not in (16, 32, 64, 128, 256):
        raise UserError(
            "--image_size must be 16, 32, 64, 128 or 256 with this architecture. "
            f"Received: {image_size}"
        )
