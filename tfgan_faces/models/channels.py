"""Scaling of channel counts by `width`."""


def scaled(channels, width):
    """Returns `width` times `channels`, rounded to a multiple of 8 and at least 8."""
    return max(8, int(round(channels * width / 8)) * 8)
