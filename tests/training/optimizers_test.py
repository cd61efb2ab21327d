import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.training.optimizers import build_optimizer


@pytest.mark.parametrize(("loss", "alpha"), [("wasserstein", 0.99), ("non_saturating", 0.9)])
def test_rmsprop_is_torchs(loss, alpha):
    """v = a v + (1 - a) g^2; w -= rate * g / (sqrt(v) + 1e-8), with gradients of 1e-5."""
    variable = tf.Variable([1.0])
    optimizer = build_optimizer("rmsprop", 5e-5, loss)
    expected, v = 1.0, 0.0
    for gradient in (1e-5, -2e-5, 3e-5):
        optimizer.apply([tf.constant([gradient])], [variable])
        v = alpha * v + (1 - alpha) * gradient**2
        expected -= 5e-5 * gradient / (np.sqrt(v) + 1e-8)
    # epsilon stands inside Keras' root: equal to a hundredth
    np.testing.assert_allclose(variable.numpy() - 1.0, expected - 1.0, rtol=0.01)


def test_adam_has_the_dcgan_papers_beta():
    assert build_optimizer("adam", 2e-4, "non_saturating").beta_1 == 0.5
