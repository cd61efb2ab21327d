import keras
import numpy as np
import pytest

from tfgan_faces import models
from tfgan_faces.objectives.constraints import WeightClipping


def critic(*layers):
    """Returns a critic of 4x4 images whose weights extend beyond any box, from -10 to 10."""
    model = keras.Sequential([keras.Input((4, 4, 3)), *layers])
    for variable in model.trainable_variables:
        values = np.linspace(-10.0, 10.0, np.prod(variable.shape))
        variable.assign(values.reshape(variable.shape))
    return model


def norm():
    return keras.layers.BatchNormalization()


def largest(model):
    return [np.abs(variable.numpy()).max() for variable in model.trainable_variables]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # Convolution's kernel and bias, norm's scale and offset, dense layer's kernel.
        ("value", [0.5, 0.5, 0.5, 0.5, 0.5]),
        ("kernels", [0.5, 0.5, 10.0, 10.0, 0.5]),
        ("none", [10.0, 10.0, 10.0, 10.0, 10.0]),
        # sqrt(6 / 27) for the 3x3 of 3 channels, sqrt(6 / 96) for 16 pixels of 6 channels.
        ("fan_in", [0.5 * 0.4714045, 0.5 * 0.4714045, 0.5, 0.5, 0.5 * 0.25]),
    ],
)
def test_every_rule_has_its_boxes(rule, expected):
    model = critic(
        keras.layers.Conv2D(6, 3, padding="same"),
        norm(),
        keras.layers.Flatten(),
        keras.layers.Dense(2, use_bias=False),
    )
    WeightClipping(model, rule, 0.5).apply()
    np.testing.assert_allclose(largest(model), expected, rtol=1e-6)


def test_layers_of_nested_models_are_clipped_too():
    model = critic(keras.Sequential([keras.layers.Conv2D(2, 3, use_bias=False), norm()]))
    WeightClipping(model, "fan_in", 1.0).apply()
    np.testing.assert_allclose(largest(model), [0.4714045, 1.0, 1.0], rtol=1e-6)


def test_values_inside_stay_and_others_move_to_the_nearest_bound():
    model = critic(keras.layers.Flatten(), keras.layers.Dense(1, use_bias=False))
    (kernel,) = model.trainable_variables
    kernel.assign(np.linspace(-1.0, 1.0, 48)[:, None])
    WeightClipping(model, "value", 0.25).apply()
    np.testing.assert_array_equal(
        kernel.numpy()[:, 0], np.clip(np.linspace(-1.0, 1.0, 48, dtype=np.float32), -0.25, 0.25)
    )


def test_fan_in_subtracts_each_filters_mean_before_it_clips_a_convolution():
    model = critic(keras.layers.Conv2D(2, 1, use_bias=False))
    kernel = np.float32([[1.0, 0.0], [2.0, 0.5], [6.0, -0.5]]).reshape(1, 1, 3, 2)
    model.trainable_variables[0].assign(kernel)
    WeightClipping(model, "fan_in", 1.0).apply()
    # Means 3 and 0; the bound is sqrt(6 / 3).
    bound = np.sqrt(2.0)
    expected = np.float32([[-bound, 0.0], [-1.0, 0.5], [bound, -0.5]])
    np.testing.assert_allclose(model.trainable_variables[0].numpy()[0, 0], expected, rtol=1e-6)


def test_share_at_walls_counts_all_clipped_parameters():
    model = critic(keras.layers.Conv2D(1, 1), norm())  # 3 + 1, and 2 of the norm
    values = ([[[[0.5], [-0.5], [0.1]]]], [0.5], [0.2], [-0.5])
    for variable, value in zip(model.trainable_variables, values):
        variable.assign(value)
    assert WeightClipping(model, "value", 0.5).share_at_walls() == pytest.approx(4 / 6)
    assert WeightClipping(model, "kernels", 0.5).share_at_walls() == pytest.approx(3 / 4)


def test_gain_is_the_score_of_a_critic_with_random_signs(rng):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4, 4, 50)),
            layers.Conv2D(400, 4, use_bias=False),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(400, use_bias=False),
            layers.ReLU(),
            layers.Dense(400, use_bias=False),
        ]
    )
    for variable in model.trainable_variables:
        variable.assign(rng.choice([-0.1, 0.1], variable.shape))
    images = rng.normal(size=(200, 4, 4, 50)).astype(np.float32)
    scores = model(images).numpy()
    # The first layer's inputs do not pass a ReLU, which would halve their mean square.
    found = np.sqrt(np.mean(scores**2) / 2)
    assert WeightClipping(model, "value", 0.1).gain() == pytest.approx(found, rel=0.1)


def test_products_with_labels_beside_the_logit_do_not_count():
    sizes = {"image_size": 32, "width": 0.1, "critic": "no_norm"}
    gains = [
        WeightClipping(
            models.build_discriminator("exercise", **sizes, labels=labels), "value", 0.01
        ).gain()
        for labels in (None, {"no": 0.5, "yes": 0.5})
    ]
    assert gains[1] == pytest.approx(gains[0])


def test_the_gain_of_a_norm_replaces_its_kernels():
    model = critic(
        keras.layers.Conv2D(2, 1, use_bias=False),  # 0.1 * sqrt(3 / 2)
        keras.layers.Conv2D(8, 2, use_bias=False),
        norm(),  # 0.1
        keras.layers.Flatten(),
        keras.layers.Dense(1, use_bias=False),  # 0.1 * sqrt(9 * 8 / 2)
    )
    assert WeightClipping(model, "value", 0.1).gain() == pytest.approx(0.001 * np.sqrt(54.0))
