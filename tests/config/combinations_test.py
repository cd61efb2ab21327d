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
    (caution,) = cautions(clipped)
    assert "momentum" in caution
    assert "1701.07875" in caution
    assert cautions(Config(training=TrainingConfig(loss="wgan")).resolved().training) == []
    assert cautions(Config(training=TrainingConfig(optimizer="adam")).resolved().training) == []


def test_augmentations_are_parsed():
    assert augmentations("none") == ()
    assert augmentations("color, cutout") == ("color", "cutout")
