import keras

from tfgan_faces.config import Config
from tfgan_faces.layers import (
    FusedBatchNormalization,
    MinibatchStandardDeviation,
    SpectralNormalization,
)
from tfgan_faces.models.configured import discriminator_of, generator_of


def settings(**model):
    return Config().replaced(data={"image_size": 32}, model={"width": 0.25, **model}).resolved()


def kinds(network):
    return {type(layer) for layer in network.layers}


def test_a_generator_has_the_sizes_of_the_settings():
    generator = generator_of(settings(architecture="light", latent_dim=5), precision="float16")
    assert generator.input_shape == (None, 5)
    assert generator.output_shape == (None, 32, 32, 3)
    assert generator.get_layer("seed").output.shape == (None, 4, 4, 64)  # a quarter of 256
    assert generator.get_layer("dense").compute_dtype == "float16"


def test_a_discriminator_has_the_parts_of_the_settings():
    config = settings(architecture="modern", spectral_normalization=True, minibatch_std=True)
    discriminator = discriminator_of(config)
    assert discriminator.input_shape == (None, 32, 32, 3)
    assert {SpectralNormalization, MinibatchStandardDeviation} <= kinds(discriminator)
    plain = discriminator_of(settings(architecture="modern"))
    assert not {SpectralNormalization, MinibatchStandardDeviation} & kinds(plain)


def test_a_discriminator_is_the_critic_of_the_settings():
    critic = discriminator_of(Config().replaced(training={"loss": "wgan"}).resolved())
    # The default critic has batch norm; the exercise's own discriminator has dropout instead.
    assert FusedBatchNormalization in kinds(critic)
    assert FusedBatchNormalization not in kinds(discriminator_of(Config().resolved()))


def test_dropout_rates_are_multiplied_by_the_settings_factor():
    def rates(factor):
        networks = (
            generator_of(settings(dropout=factor)),
            discriminator_of(settings(dropout=factor)),
        )
        layers = [layer for network in networks for layer in network.layers]
        return [layer.rate for layer in layers if isinstance(layer, keras.layers.Dropout)]

    assert rates(0.5) == [rate / 2 for rate in rates(1.0)]
    assert min(rates(1.0)) > 0


def test_labels_make_both_networks_conditional():
    labels, config = {"man": 0.75, "woman": 0.25}, settings(architecture="slim", latent_dim=6)
    assert generator_of(config, labels).input_shape == (None, 6)
    images, one_hot = discriminator_of(config, labels).input_shape
    assert images == (None, 32, 32, 3)
    assert one_hot == (None, 2)
