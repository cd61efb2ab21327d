import pytest

from tfgan_faces.config import Config, DataConfig, ModelConfig, TrainingConfig
from tfgan_faces.config.combinations import augmentations, cautions
from tfgan_faces.errors import UserError


@pytest.mark.parametrize(
    ("model", "training", "message"),
    [
        ({"architecture": "dcgan"}, {"loss": "wgan-gp"}, "batch norm mixes the images"),
        ({"architecture": "dcgan"}, {"r1": 1.0}, "--architecture must not be dcgan with --r1=1"),
        ({"critic": "no_norm"}, {"loss": "wgan", "r2": 1.0}, "use --clip=none"),
        ({}, {"loss": "wgan-gp", "balance": "margin"}, "--balance must be none"),
        ({}, {"loss": "relativistic", "balance": "l2"}, "--balance must be accuracy or none"),
        ({"spectral_normalization": True}, {"loss": "wgan"}, "clipping has no effect"),
        ({}, {"loss": "wgan", "clip": "none"}, "--clip must not be none"),
        ({"critic": "batch_norm"}, {"loss": "wgan-gp"}, "--critic must not be batch_norm with"),
        (
            {"critic": "batch_norm", "spectral_normalization": True},
            {"loss": "gan"},
            "--critic must not be batch_norm with --spectral_normalization",
        ),
        ({"architecture": "light", "critic": "no_norm"}, {}, "--critic must be own with"),
        ({}, {"loss": "relativistic", "label_smoothing": 0.1}, "--label_smoothing must be 0"),
        ({}, {"loss": "wgan", "augment": "auto"}, "--augment must not be auto with --loss=wass"),
        ({}, {"loss": "wgan-gp", "augment": "auto"}, "--augment must not be auto with --loss=wass"),
        ({}, {"loss": "relativistic", "augment": "auto"}, "no fixed threshold"),
    ],
)
def test_invalid_combinations_raise_an_error_with_the_reason(model, training, message):
    config = Config(model=ModelConfig(**model), training=TrainingConfig(**training))
    with pytest.raises(UserError, match=message):
        config.resolved()


def test_labels_need_some_numbers_to_compare():
    data = DataConfig(labels="glasses")
    with pytest.raises(UserError, match="--latent_dim must be at least 8 with --labels"):
        Config(data=data, model=ModelConfig(latent_dim=7)).resolved()
    Config(data=data, model=ModelConfig(latent_dim=8)).resolved()


def test_batch_norms_over_all_devices_exclude_parts():
    training = TrainingConfig(sync_batch_norm=True, batch_parts=2)
    with pytest.raises(UserError, match="--batch_parts must be 1 with --sync_batch_norm"):
        Config(training=training).resolved()


@pytest.mark.parametrize(
    ("model", "training"),
    [
        ({"spectral_normalization": True}, {"loss": "wgan", "clip": "none"}),
        ({"critic": "no_norm"}, {"loss": "wgan", "clip": "none", "r1": 1.0}),
        ({}, {"loss": "hinge", "clip": "value"}),
        ({"critic": "layer_norm"}, {"loss": "wgan-gp"}),
        ({}, {"loss": "hinge", "augment": "auto"}),
        ({}, {"loss": "wgan", "augment": "color, cutout"}),
    ],
)
def test_valid_combinations_are_accepted(model, training):
    Config(model=ModelConfig(**model), training=TrainingConfig(**training)).resolved()


def test_adam_with_clipping_gives_a_warning_that_cites_the_paper():
    clipped = Config(training=TrainingConfig(loss="wgan", optimizer="adam")).resolved().training
    (caution,) = cautions(DataConfig(crop=1.0), clipped)
    assert "momentum" in caution
    assert "1701.07875" in caution
    for training in (TrainingConfig(loss="wgan"), TrainingConfig(optimizer="adam")):
        config = Config(training=training).resolved()
        assert cautions(config.data, config.training) == []


@pytest.mark.parametrize(
    ("data", "warnings"),
    [
        (DataConfig("folder", data_dir="album"), 1),
        (DataConfig("folder", data_dir="album", align="faces"), 0),
        (DataConfig("folder", data_dir="album", crop=0.6), 0),  # such as LFW's photos
        (DataConfig("lfw"), 0),
        (DataConfig("drawn"), 0),
    ],
)
def test_photos_that_are_framed_unlike_those_of_included_networks_are_cautioned(data, warnings):
    config = Config(data, training=TrainingConfig(init_from="lfw-64")).resolved()
    found = cautions(config.data, config.training)
    assert ["--align=faces" in caution for caution in found] == [True] * warnings


def test_augmentations_are_parsed():
    assert augmentations("none") == ()
    assert augmentations("color, cutout") == ("color", "cutout")
