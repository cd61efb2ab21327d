"""Signs that a run is going wrong, and what to try."""

import numpy as np

ALIKE = "samples_alike"
PERFECT = "discriminator_perfect"
ADVICE = {
    ALIKE: (
        "the samples are nearly alike (mode collapse?): try a lower --generator_learning_rate, "
        "--balance=margin, or --loss=wasserstein"
    ),
    PERFECT: (
        "the discriminator has been nearly perfect for long, the generator learns little: try "
        "--balance=margin, a lower --discriminator_learning_rate, or more --augment"
    ),
}
_ALIKE_BELOW = 0.3
_PERFECT_FROM = 0.99
_LONG = 200


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
    recent = [row for row in rows if row["step"] > rows[-1]["step"] - _LONG] if rows else []
    return (
        bool(rows)
        and rows[-1]["step"] >= _LONG
        and all(min(row["real_success"], row["fake_success"]) >= _PERFECT_FROM for row in recent)
    )
