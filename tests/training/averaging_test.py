import keras
import numpy as np
import pytest

from tfgan_faces.training.averaging import AveragedGenerator


@pytest.mark.parametrize(("updates", "decay"), [(0, 0.1), (8, 0.5), (10**6, 0.99)])
def test_decay_warms_up(updates, decay):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    averaged = AveragedGenerator(model, 0.99)
    before = averaged.model.get_weights()[0]
    model.set_weights([np.float32([[9.0]]), np.float32([1.0])])
    averaged.update(np.int64(updates))
    expected = decay * before + (1 - decay) * 9.0
    np.testing.assert_allclose(averaged.model.get_weights()[0], expected, rtol=1e-5)
