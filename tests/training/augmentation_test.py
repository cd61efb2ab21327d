import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.config import Config, TrainingConfig
from tfgan_faces.objectives.augmentation import augment
from tfgan_faces.training.augmentation import AdaptiveAugmentation, build_augmentation
from tfgan_faces.training.noise import FAKE_CHANGES, PHOTO_CHANGES, Noise

BATCH = 400


@pytest.fixture
def noise():
    return Noise(5, BATCH, tf.Variable(0, dtype=tf.int64))


@pytest.fixture
def images(rng):
    return tf.constant(rng.uniform(-1, 1, (BATCH, 8, 8, 3)), tf.float32)


def built(augment_flag):
    config = Config(training=TrainingConfig(augment=augment_flag, batch_size=BATCH)).resolved()
    return build_augmentation(config.training)


def test_a_list_of_names_augments_every_image(noise, images):
    augmentation = built("color,cutout")
    expected = augment(images, ("color", "cutout"), noise.changes(PHOTO_CHANGES))
    np.testing.assert_array_equal(augmentation(images, noise, PHOTO_CHANGES), expected)
    assert augmentation.state() == augmentation.measures() == {}
    np.testing.assert_array_equal(built("none")(images, noise, PHOTO_CHANGES), images)


def test_adaptive_augmentation_begins_without_any(noise, images):
    augmentation = built("auto")
    np.testing.assert_array_equal(augmentation(images, noise, PHOTO_CHANGES), images)
    assert augmentation.measures() == {"augment_strength": 0.0}


@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_each_augmentation_is_applied_to_a_share_of_the_images(noise, images, strength):
    augmentation = built("auto")
    augmentation.strength.assign(strength)
    augmentation.names = ("color",)
    result = augmentation(images, noise, PHOTO_CHANGES)
    whole = augment(images, ("color",), noise.changes(PHOTO_CHANGES))
    changed = np.abs(result - images).max((1, 2, 3)) > 0
    assert changed.mean() == pytest.approx(strength, abs=0.07)  # 3 standard deviations
    np.testing.assert_array_equal(result[changed], whole[changed])


def test_photos_and_fakes_have_different_chances(noise, images):
    augmentation = built("auto")
    augmentation.strength.assign(0.5)
    both = augmentation(tf.concat([images, images], 0), noise, PHOTO_CHANGES, FAKE_CHANGES)
    assert np.abs(both[:BATCH] - both[BATCH:]).max() > 0


def test_strength_grows_while_too_many_photos_are_recognised_and_falls_otherwise():
    """At a batch of 400, each turn changes it by 400 / 50,000."""
    augmentation = AdaptiveAugmentation(BATCH)
    for _ in range(30):
        augmentation.observe(tf.constant(1.0))
    # The mean sign after n turns is 1 - 0.9 ** n, above 0.6 from the ninth turn on; before, the
    # strength stays at 0.
    assert float(augmentation.strength) == pytest.approx(22 * 0.008, abs=1e-5)
    for _ in range(30):
        augmentation.observe(tf.constant(0.5))  # the mean sign falls below 0.6 in the fifth turn
    assert float(augmentation.strength) == pytest.approx(max(0.0, (22 + 4 - 26) * 0.008), abs=1e-5)


def test_strength_stays_within_0_and_1():
    augmentation = AdaptiveAugmentation(BATCH)
    augmentation.strength.assign(0.999)
    augmentation.mean_sign.assign(1.0)
    augmentation.observe(tf.constant(1.0))
    assert float(augmentation.strength) == 1.0
