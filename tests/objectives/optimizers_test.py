import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.config import Config, TrainingConfig
from tfgan_faces.objectives.optimizers import build_optimizer


@pytest.mark.parametrize(("loss", "alpha"), [("wasserstein", 0.99), ("non_saturating", 0.9)])
def test_rmsprop_matches_torch(loss, alpha):
    """v = a v + (1 - a) g^2; w -= rate * g / (sqrt(v) + 1e-8), with gradients of 1e-5."""
    variable = tf.Variable([1.0])
    config = TrainingConfig(optimizer="rmsprop", loss=loss)
    optimizer = build_optimizer(config, 5e-5)
    expected, v = 1.0, 0.0
    for gradient in (1e-5, -2e-5, 3e-5):
        optimizer.apply([tf.constant([gradient])], [variable])
        v = alpha * v + (1 - alpha) * gradient**2
        expected -= 5e-5 * gradient / (np.sqrt(v) + 1e-8)
    # Keras' epsilon is inside the root, so the results agree to 1 %
    np.testing.assert_allclose(variable.numpy() - 1.0, expected - 1.0, rtol=0.01)


def test_adam_has_the_beta_of_the_dcgan_paper():
    config = Config(training=TrainingConfig(optimizer="adam")).resolved().training
    assert build_optimizer(config, 2e-4).beta_1 == 0.5


@pytest.mark.parametrize(
    ("loss", "betas"), [("wasserstein_gp", (0.0, 0.9)), ("relativistic", (0.0, 0.99))]
)
def test_adam_has_the_betas_of_the_papers(loss, betas):
    config = Config(training=TrainingConfig(loss=loss)).resolved().training
    optimizer = build_optimizer(config, 1e-4)
    assert (optimizer.beta_1, optimizer.beta_2) == betas
