"""Signs that a run is going wrong, and what to try."""

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
        "the discriminator has been nearly perfect for long, the generator learns little: try "
        "--balance=margin, a lower --discriminator_learning_rate, or more --augment"
    ),
    BRIGHTNESS: (
        "the clipped critic has long told images by their brightness alone, the generator learns "
        "nothing else: try --critic=batch_norm, --clip=fan_in, or a larger --clip_value"
    ),
}
_ALIKE_BELOW = 0.3
_PERFECT_FROM = 0.99
_LONG = 200
_BRIGHTNESS_ONLY = 0.9


def spread(images):
    """Returns how far images lie apart: the pixels' standard deviation over the batch.

    Args:
        images: uint8 array [count, height, width, 3].
    """
    return float(np.std(images.astype(np.float32), axis=0).mean())


def samples_alike(samples, photos_spread):
    """Whether samples vary much less than the photos do."""
    return spread(samples) < _ALIKE_BELOW * photos_spread


def discriminator_perfect(rows):
    """Whether photos and fakes were told apart almost without error in the last 200 steps.

    Args:
        rows: list of `metrics.csv` rows, the newest last.
    """
    return _lasts(rows, lambda row: min(row["real_success"], row["fake_success"]) >= _PERFECT_FROM)


def critic_scores_brightness(rows):
    """Whether a clipped critic's scores went along with brightness in the last 200 steps.

    Args:
        rows: see `discriminator_perfect`.
    """
    return _lasts(rows, lambda row: (row.get("brightness_correlation") or 0.0) >= _BRIGHTNESS_ONLY)


def _lasts(rows, is_so):
    """Whether something has been so in all rows of the last 200 steps, and there are as many."""
    if not rows or rows[-1]["step"] < _LONG:
        return False
    return all(is_so(row) for row in rows if row["step"] > rows[-1]["step"] - _LONG)
