import pytest

from tfgan_faces.combinations import augmentations
from tfgan_faces.config import Config, ModelConfig, TrainingConfig
from tfgan_faces.errors import UserError


@pytest.mark.parametrize(
    ("model", "training", "sentence"),
    [
        ({"architecture": "dcgan"}, {"loss": "wgan-gp"}, "batch norm mixes the images"),
        ({"architecture": "dcgan"}, {"r1": 1.0}, "--architecture must not be dcgan with --r1=1"),
        ({}, {"loss": "wgan", "r2": 1.0}, "take --loss=wgan-gp"),
        ({}, {"loss": "wgan-gp", "balance": "margin"}, "--balance must be none"),
        ({}, {"loss": "relativistic", "balance": "l2"}, "--balance must be accuracy or none"),
        ({"spectral_normalization": True}, {"loss": "wgan"}, "clipping is undone"),
        ({}, {"loss": "relativistic", "label_smoothing": 0.1}, "--label_smoothing must be 0"),
    ],
)
def test_combinations_that_make_no_sense_are_refused_with_the_reason(model, training, sentence):
    config = Config(model=ModelConfig(**model), training=TrainingConfig(**training))
    with pytest.raises(UserError, match=sentence):
        config.resolved()


def test_augmentations():
    assert augmentations("none") == ()
    assert augmentations("color, cutout") == ("color", "cutout")
