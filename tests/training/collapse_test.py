import numpy as np
import pytest

from tfgan_faces.training import collapse


def row(step, success):
    return {"step": step, "real_success": success, "fake_success": 1.0}


def test_spread_is_the_pixels_standard_deviation_over_the_batch():
    images = np.zeros((2, 1, 2, 1), np.uint8)
    images[1, 0, 0, 0] = 100  # one pixel 0 and 100, the other constant
    assert collapse.spread(images) == pytest.approx(25.0)


def test_samples_alike(rng):
    photos = rng.integers(0, 256, (64, 8, 8, 3), np.uint8)
    alike = photos[:1] + rng.integers(0, 5, photos.shape, np.uint8)
    spread = collapse.spread(photos)
    assert not collapse.samples_alike(photos[:32], spread)
    assert collapse.samples_alike(alike, spread)


def test_discriminator_perfect_takes_200_steps():
    perfect = [row(step, 1.0) for step in range(10, 310, 10)]
    assert collapse.discriminator_perfect(perfect)
    assert not collapse.discriminator_perfect(perfect[:15])  # 150 steps are too few
    assert not collapse.discriminator_perfect([*perfect[:-5], row(260, 0.9), *perfect[-4:]])
    assert not collapse.discriminator_perfect([])


def test_critic_scores_brightness_takes_200_steps():
    rows = [{"step": step, "brightness_correlation": 0.95} for step in range(10, 310, 10)]
    assert collapse.critic_scores_brightness(rows)
    assert not collapse.critic_scores_brightness(rows[:15])
    assert not collapse.critic_scores_brightness(
        [*rows[:-1], {"step": 300, "brightness_correlation": 0.85}]
    )
    unmeasured = [{**row, "brightness_correlation": None} for row in rows]
    assert not collapse.critic_scores_brightness(unmeasured)
