import keras
import numpy as np
import pytest

from tfgan_faces.layers import MinibatchStandardDeviation


class TestContract:
    def test_config_round_trip(self):
        layer = MinibatchStandardDeviation(epsilon=0.5, name="m")
        copy = MinibatchStandardDeviation.from_config(layer.get_config())
        assert (copy.epsilon, copy.name) == (0.5, "m")

    def test_symbolic_shape(self):
        output = MinibatchStandardDeviation()(keras.Input((4, 4, 8)))
        assert output.shape == (None, 4, 4, 9)

    @pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
    def test_half_precision(self, precision):
        layer = MinibatchStandardDeviation(dtype=precision)
        assert layer(np.ones((2, 3, 3, 1), np.float32)).dtype == precision[6:]


class TestCorrectness:
    def test_is_the_mean_of_standard_deviations_over_the_batch(self, rng):
        images = rng.normal(size=(5, 4, 3, 2)).astype(np.float32)
        result = MinibatchStandardDeviation()(images).numpy()
        np.testing.assert_array_equal(result[..., :2], images)
        np.testing.assert_allclose(result[..., 2], images.std(0).mean(), rtol=1e-5)

    def test_equal_images_give_almost_zero(self):
        assert float(MinibatchStandardDeviation()(np.ones((3, 2, 2, 1)))[0, 0, 0, 1]) < 1e-3
