"""Warnings that a training is collapsing, and advice on what to try."""

import numpy as np

ALIKE = "samples_alike"
PERFECT = "discriminator_perfect"
BRIGHTNESS = "critic_scores_brightness"
ADVICE = {
    ALIKE: (
        "the samples are nearly alike (mode collapse?): try a lower --generator_learning_rate, "
        "--balance=margin, or --loss=wasserstein"
    ),
    PERFECT: (
        "the discriminator has been nearly perfect for a long time, so the generator learns "
        "little: try --balance=margin, a lower --discriminator_learning_rate, or more --augment"
    ),
    BRIGHTNESS: (
        "the clipped critic has scored images by brightness alone for a long time, so the "
        "generator learns nothing else: try --critic=batch_norm, --clip=fan_in, or a larger "
        "--clip_value"
    ),
}
_MIN_RELATIVE_SPREAD = 0.3
_PERFECT_SUCCESS = 0.99
_WINDOW = 200  # steps
_MAX_BRIGHTNESS_CORRELATION = 0.9


def spread(images):
    """Returns how much images differ: the mean standard deviation of a pixel over the batch.

    Args:
        images: uint8 array [count, height, width, 3].
    """
    return float(np.std(images.astype(np.float32), axis=0).mean())


def samples_alike(samples, photos_spread):
    """Whether samples vary much less than photos."""
    return spread(samples) < _MIN_RELATIVE_SPREAD * photos_spread


def discriminator_perfect(rows):
    """Whether photos and fakes were distinguished almost without error in the last 200 steps.

    Args:
        rows: list of `metrics.csv` rows, the newest last.
    """
    return _holds_for_long(
        rows, lambda row: min(row["real_success"], row["fake_success"]) >= _PERFECT_SUCCESS
    )


def critic_scores_brightness(rows):
    """Whether a clipped critic's scores correlated with brightness in the last 200 steps.

    Args:
        rows: see `discriminator_perfect`.
    """
    return _holds_for_long(
        rows, lambda row: (row.get("brightness_correlation") or 0.0) >= _MAX_BRIGHTNESS_CORRELATION
    )


def _holds_for_long(rows, condition):
    """Whether a condition held in all rows of the last 200 steps, and there were that many."""
    if not rows or rows[-1]["step"] < _WINDOW:
        return False
    return all(condition(row) for row in rows if row["step"] > rows[-1]["step"] - _WINDOW)
