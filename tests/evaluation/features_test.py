import numpy as np
import pytest

from tfgan_faces.errors import UserError
from tfgan_faces.evaluation import features as features_module
from tfgan_faces.evaluation.features import Features


def test_face_features_have_a_name_and_a_resizing(rng):
    features = Features()
    images = rng.integers(0, 256, (300, 64, 64, 3), np.uint8)
    result = features(images)
    assert result.shape == (300, 128)
    assert result.dtype == np.float32
    np.testing.assert_allclose(features(images[290:]), result[290:], atol=1e-4)
    assert features.name == "lfw-face-1"
    assert features.resizing == "bilinear with antialiasing to 64x64"
    assert features(images[:2, :32, :32]).shape == (2, 128)


def test_the_second_network_has_other_features(rng):
    images = rng.integers(0, 256, (4, 64, 64, 3), np.uint8)
    first, second = Features("face"), Features("face-2")
    assert second.name == "lfw-face-2"
    assert second(images).shape == (4, 128)
    assert np.abs(first(images) - second(images)).mean() > 0.01


def test_missing_inception_weights_are_a_clear_error(monkeypatch, tmp_path):
    with pytest.raises(UserError, match="--inception_weights: .* cannot be read as the weights"):
        Features("inception", str(tmp_path / "none.h5"))

    def offline(weights=None, **_):
        raise OSError("URL fetch failure")

    monkeypatch.setattr(features_module.keras.applications, "InceptionV3", offline)
    with pytest.raises(UserError, match="not be downloaded .URL fetch failure.*--features=face"):
        Features("inception")


@pytest.mark.long
def test_inception_weights_can_be_a_file(tmp_path, rng):
    path = str(tmp_path / "i.weights.h5")
    features_module.keras.applications.InceptionV3(
        include_top=False, pooling="avg", weights=None
    ).save_weights(path)
    features = Features("inception", path)
    assert features(rng.integers(0, 256, (1, 32, 32, 3), np.uint8)).shape == (1, 2048)
    assert features.resizing.endswith("299x299")
