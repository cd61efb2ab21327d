import numpy as np
import pytest

from tfgan_faces.layers import InferenceClip


def test_clips_outside_training_only():
    values = np.float32([-3.0, -1.0, 0.5, 7.0])
    layer = InferenceClip(-1.0, 1.0)
    np.testing.assert_array_equal(layer(values, training=True), values)
    np.testing.assert_array_equal(layer(values, training=False), [-1.0, -1.0, 0.5, 1.0])
    assert InferenceClip.from_config(layer.get_config()).maximum == 1.0


def test_empty_range_is_rejected():
    with pytest.raises(ValueError, match="Received:"):
        InferenceClip(1.0, 1.0)
