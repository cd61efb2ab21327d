import keras
import numpy as np
import pytest

from tfgan_faces.training.averaging import AveragedGenerator


@pytest.mark.parametrize(
    ("updates", "is_trained", "decay"),
    [(0, False, 0.1), (8, False, 0.5), (10**6, False, 0.99), (0, True, 0.99), (8, True, 0.99)],
)
def test_random_weights_fade_quickly_and_trained_ones_slowly(updates, is_trained, decay):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    averaged = AveragedGenerator(model, 0.99, is_trained)
    before = averaged.model.get_weights()[0]
    model.set_weights([np.float32([[9.0]]), np.float32([1.0])])
    averaged.update(np.int64(updates))
    expected = decay * before + (1 - decay) * 9.0
    np.testing.assert_allclose(averaged.model.get_weights()[0], expected, rtol=1e-5)
