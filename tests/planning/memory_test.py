import keras
import pytest

from tfgan_faces import models
from tfgan_faces.errors import UserError
from tfgan_faces.layers import SpectralNormalization, UnpoolingDeconvolution2D
from tfgan_faces.machine.devices import Cpu, Gpu, computing_devices
from tfgan_faces.planning.memory import Plan, check_memory, plan


@pytest.fixture
def small():
    """Generator: dense 2 -> 12, reshaped to 2x2x3, unpooled and deconvolved to 4x4x1.

    Discriminator: convolved to 2x2x5, then dense to 1.
    """
    latents = keras.Input((2,))
    x = keras.layers.Reshape((2, 2, 3))(keras.layers.Dense(12)(latents))
    generator = keras.Model(latents, UnpoolingDeconvolution2D(1, 3, padding="same")(x))
    images = keras.Input((4, 4, 1))
    x = keras.layers.Conv2D(5, 2, strides=2)(images)
    x = keras.layers.Flatten()(x)
    return generator, keras.Model(images, keras.layers.Dense(1)(x))


def test_a_plan_matches_a_manual_calculation(small):
    planned = plan(*small, batch_size=10)
    weights = {"generator": 2 * 12 + 12 + 9 * 3 + 1, "discriminator": 4 * 5 + 5 + 20 + 1}
    assert planned.parameters == weights
    assert planned.operations == {
        "generator": 2 * (2 * 12 + 9 * 3 * 16),
        "discriminator": 2 * (4 * 5 * 4 + 20),
    }
    assert planned.weights_bytes == 4 * (5 * weights["generator"] + 4 * weights["discriminator"])
    generator, discriminator = 2 + 12 + 12 + 16, 16 + 20 + 20 + 1
    assert planned.activations_bytes == 4 * 10 * max(generator + discriminator, 2 * discriminator)


def test_layers_in_a_spectral_normalization_are_counted(small):
    _, discriminator = small

    def normalized(layer):
        layer = type(layer).from_config(layer.get_config())
        with_kernel = isinstance(layer, (keras.layers.Conv2D, keras.layers.Dense))
        return SpectralNormalization(layer) if with_kernel else layer

    network = keras.models.clone_model(discriminator, clone_function=normalized)
    planned = plan(small[0], network, batch_size=10)
    assert planned.operations["discriminator"] == 2 * (4 * 5 * 4 + 20)


def test_half_precision_halves_the_activations():
    sizes = [
        plan(
            models.build_generator("exercise", 32, 8, precision=precision),
            models.build_discriminator("exercise", 32, precision=precision),
            64,
        ).activations_bytes
        for precision in ("float32", "mixed_bfloat16")
    ]
    assert 0.5 <= sizes[1] / sizes[0] < 0.6


def test_a_training_that_does_not_fit_is_rejected():
    planned = Plan({}, {}, 3 * 2**30, 2**30)
    check_memory(planned, [Cpu("Xeon", 4 * 2**30)])
    with pytest.raises(UserError, match=r"about 4.0 GiB .* machine \(Xeon\) has 3.0 GiB; use a"):
        check_memory(planned, [Cpu("Xeon", 3 * 2**30)])
    check_memory(Plan({}, {}, 1, 1), computing_devices())


def test_a_training_must_fit_into_every_gpu():
    planned = Plan({}, {}, 3 * 2**30, 2**30)
    large, small, unknown = Gpu("A10", 22 * 2**30), Gpu("T4", 3 * 2**30), Gpu("H100")
    check_memory(planned, [large, unknown])
    with pytest.raises(UserError, match=r"about 4.0 GiB .* GPU \(T4\) has 3.0 GiB; use a"):
        check_memory(planned, [large, small])
