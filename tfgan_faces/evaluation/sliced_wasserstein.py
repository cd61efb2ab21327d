"""The sliced Wasserstein distance of patches at each level of a Laplacian pyramid."""

import numpy as np

PATCHES, SIDE, DIRECTIONS = 128, 7, 512
_COARSEST = 16
_TAPS = np.array([1, 4, 6, 4, 1], np.float32) / 16
_DIRECTIONS_PER_BLOCK = 32  # limits the memory for the projections
_SEED = 2017


def sliced_wasserstein_distance(images_a, images_b):
    """Returns how much the local structure of two sets of images differs at each level.

    At each level, 128 patches of 7x7 pixels are taken from each image. Their channels are
    normalised over the whole set, and the patches are projected onto 512 random directions. The
    result is the mean distance of the sorted projections, times 1000.

    Args:
        images_a, images_b: uint8 arrays [count, size, size, 3] of the same shape.

    Returns:
        Dict of the level's size in pixels (the full size, halved down to 16 or a little more) to a
        float.

    Reference:
        [Karras et al., 2018](https://arxiv.org/abs/1710.10196), section 5.
    """
    if np.shape(images_a) != np.shape(images_b):
        raise ValueError(
            "`images_a` and `images_b` must have the same shape. "
            f"Received: {np.shape(images_a)} and {np.shape(images_b)}"
        )
    rng = np.random.default_rng(_SEED)
    distances = {}
    size = images_a.shape[1]
    while size >= _COARSEST:
        sides = [_patches(images, size, rng) for images in (images_a, images_b)]
        distances[size] = 1000.0 * _sliced_distance(*sides, rng)
        size = _half(size)
    return distances


def laplacian_level(images, size):
    """Returns one level of the Laplacian pyramid of images.

    Args:
        images: array [count, height, width, channels].
        size: int, the level's height. The coarsest level, of 16 to 30 pixels, is the low-pass
            residual.

    Returns:
        float32 array [count, size, size, channels].
    """
    images = np.asarray(images, np.float32)
    while images.shape[1] > size:
        images = _smaller(images)
    if _half(size) < _COARSEST:
        return images
    return images - _larger(_smaller(images))[:, : images.shape[1], : images.shape[2]]


def _half(size):
    """Returns the size of the next level; the last pixel of an odd size has one of its own."""
    return (size + 1) // 2


def _smaller(images):
    return _smoothed(images, _TAPS)[:, ::2, ::2]


def _larger(images):
    count, height, width, channels = images.shape
    upsampled = np.zeros((count, 2 * height, 2 * width, channels), np.float32)
    upsampled[:, ::2, ::2] = images
    return _smoothed(upsampled, 2 * _TAPS)


def _smoothed(images, taps):
    """Convolves along both axes, with reflection at the borders."""
    for axis in (1, 2):
        margins = [(0, 0)] * 4
        margins[axis] = (2, 2)
        padded = np.pad(images, margins, "reflect")
        length = images.shape[axis]
        images = sum(
            tap * np.take(padded, range(shift, shift + length), axis)
            for shift, tap in enumerate(taps)
        )
    return images


def _patches(images, size, rng, block_size=512):
    """Returns normalised patches, float32 [count * PATCHES, SIDE * SIDE * 3]."""
    patches = np.empty((len(images), PATCHES, SIDE, SIDE, images.shape[-1]), np.float32)
    for first in range(0, len(images), block_size):
        level = laplacian_level(images[first : first + block_size], size)
        windows = np.lib.stride_tricks.sliding_window_view(level, (SIDE, SIDE), (1, 2))
        corners = rng.integers(0, size - SIDE + 1, (2, len(level), PATCHES))
        chosen = windows[np.arange(len(level))[:, None], corners[0], corners[1]]
        patches[first : first + block_size] = chosen.transpose(0, 1, 3, 4, 2)
    axes = (0, 1, 2, 3)
    patches -= patches.mean(axes, dtype=np.float64).astype(np.float32)
    # The maximum keeps a set without variation at 0.
    patches /= np.maximum(patches.std(axes, dtype=np.float64), 1e-6).astype(np.float32)
    return patches.reshape(len(images) * PATCHES, -1)


def _sliced_distance(a, b, rng):
    total = 0.0
    for _ in range(DIRECTIONS // _DIRECTIONS_PER_BLOCK):
        directions = rng.normal(size=(_DIRECTIONS_PER_BLOCK, a.shape[1])).astype(np.float32)
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        sorted_a, sorted_b = (np.sort(directions @ side.T) for side in (a, b))
        total += np.abs(sorted_a - sorted_b).mean(dtype=np.float64)
    return float(total / (DIRECTIONS // _DIRECTIONS_PER_BLOCK))
