import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.objectives import augmentation


def uniforms(seed, columns=augmentation.UNIFORMS):
    return tf.random.stateless_uniform((64, columns), seed)


@pytest.fixture
def images(rng):
    return tf.constant(rng.uniform(-1, 1, (64, 16, 24, 3)), tf.float32)


def test_each_image_depends_only_on_its_row_of_uniforms(images):
    names, rows = ("color", "translation", "cutout"), uniforms((1, 2))
    whole = augmentation.augment(images, names, rows).numpy()
    part = augmentation.augment(images[16:32], names, rows[16:32]).numpy()
    np.testing.assert_array_equal(whole[16:32], part)
    other = augmentation.augment(images, names, uniforms((1, 3))).numpy()
    assert np.abs(whole - other).max() > 0.1


def test_no_names_leave_images_unchanged(images):
    np.testing.assert_array_equal(augmentation.augment(images, (), uniforms((0, 0))), images)


def test_color_is_affine_and_has_the_documented_strength(images):
    got = augmentation.color(images, uniforms((3, 4), 3)).numpy()
    brightness, saturation, contrast = uniforms((3, 4), 3).numpy().T.reshape(3, 64, 1, 1, 1)
    expected = images.numpy() + brightness - 0.5
    grey = expected.mean(3, keepdims=True)
    expected = grey + (expected - grey) * 2 * saturation
    mean = expected.mean((1, 2, 3), keepdims=True)
    expected = mean + (expected - mean) * (0.5 + contrast)
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_translation_moves_by_up_to_an_eighth_and_fills_with_zeros(images):
    moved = augmentation.translation(images, uniforms((5, 6), 2)).numpy()
    seen = set()
    for before, after in zip(images.numpy(), moved):
        padded = np.pad(before, [(2, 2), (3, 3), (0, 0)])
        places = [
            (y, x)
            for y in range(5)
            for x in range(7)
            if np.array_equal(padded[y : y + 16, x : x + 24], after)
        ]
        assert len(places) == 1
        seen.update(places)
    assert {y for y, _ in seen} == set(range(5))
    assert {x for _, x in seen} == set(range(7))


def test_cutout_hides_at_most_half_of_each_side(images):
    hidden = (augmentation.cutout(images, uniforms((7, 8), 2)).numpy() == 0).all(3)
    assert hidden.any((1, 2)).all()
    assert hidden.any(2).sum(1).max() == 8
    assert hidden.any(1).sum(1).max() == 12


@pytest.mark.parametrize("name", augmentation.AUGMENTATIONS)
def test_gradient_reaches_the_images(images, name):
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(augmentation.augment(images, (name,), uniforms((1, 1))))
    gradient = tape.gradient(total, images).numpy()
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).sum() > 0
