"""Multi-scale structural similarity (MS-SSIM) of random pairs of images."""

import numpy as np

_WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])  # of the paper, finest scale first
_WINDOW = 11
_SIGMA = 1.5
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_SEED = 2003
_BLOCK_SIZE = 100  # pairs


def ms_ssim_diversity(images, pairs=2000):
    """Returns the mean MS-SSIM of random pairs of images. Higher means less diverse.

    Args:
        images: uint8 array [count, height, width, channels], at least two images.
        pairs: int, the number of pairs.

    Returns:
        Float, 1 if all images are equal.

    Reference:
        [Odena et al., 2017](https://arxiv.org/abs/1610.09585), section 4.2.
    """
    rng = np.random.default_rng(_SEED)
    first = rng.integers(len(images), size=pairs)
    second = (first + rng.integers(1, len(images), size=pairs)) % len(images)
    return float(
        np.mean(
            np.concatenate(
                [
                    ms_ssim(images[first[i : i + _BLOCK_SIZE]], images[second[i : i + _BLOCK_SIZE]])
                    for i in range(0, pairs, _BLOCK_SIZE)
                ]
            )
        )
    )


def ms_ssim(images_a, images_b):
    """Returns the MS-SSIM of images with values in 0..255, at as many scales as fit.

    There are up to five scales, and the smallest must fit the window of 11 pixels. With fewer
    scales, the paper's weights of the finest ones are normalised to a sum of 1. Channels are
    averaged.

    Args:
        images_a, images_b: arrays [count, height, width, channels], sides of at least 11.

    Returns:
        float64 array [count].

    Reference:
        [Wang et al., 2003](https://doi.org/10.1109/ACSSC.2003.1292216), equation 7.
    """
    a, b = np.asarray(images_a, np.float64), np.asarray(images_b, np.float64)
    scales = min(len(_WEIGHTS), 1 + int(np.log2(min(a.shape[1:3]) / _WINDOW)))
    weights = _WEIGHTS[:scales] / _WEIGHTS[:scales].sum()
    result = 1.0
    for scale, weight in enumerate(weights):
        similarity, contrast = _ssim(a, b)
        factor = similarity if scale == scales - 1 else contrast
        result = result * np.maximum(factor, 0.0) ** weight
        a, b = _halved(a), _halved(b)
    return result.mean(-1)


def _ssim(a, b):
    """Returns the SSIM and its contrast-structure factor, each [count, channels]."""
    mean_a, mean_b = _local_mean(a), _local_mean(b)
    variances = _local_mean(a * a + b * b) - mean_a**2 - mean_b**2
    covariance = _local_mean(a * b) - mean_a * mean_b
    contrast = (2 * covariance + _C2) / (variances + _C2)
    luminance = (2 * mean_a * mean_b + _C1) / (mean_a**2 + mean_b**2 + _C1)
    return (luminance * contrast).mean((1, 2)), contrast.mean((1, 2))


def _local_mean(images):
    offsets = np.arange(_WINDOW) - _WINDOW // 2
    taps = np.exp(-0.5 * (offsets / _SIGMA) ** 2)
    taps /= taps.sum()
    for axis in (1, 2):
        windows = np.lib.stride_tricks.sliding_window_view(images, _WINDOW, axis)
        images = windows @ taps
    return images


def _halved(images):
    height, width = (side // 2 * 2 for side in images.shape[1:3])
    images = images[:, :height, :width]
    return (
        images[:, ::2, ::2] + images[:, 1::2, ::2] + images[:, ::2, 1::2] + images[:, 1::2, 1::2]
    ) / 4
