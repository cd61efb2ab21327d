import keras
import numpy as np

from tfgan_faces.objectives.constraints import clip_weights, clippable_variables


def test_clips_kernels_and_biases_but_no_scales():
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3), keras.layers.BatchNormalization()]
    )
    for variable in model.trainable_variables:
        variable.assign(np.linspace(-1.0, 1.0, np.prod(variable.shape)).reshape(variable.shape))
    before = model.layers[-1].get_weights()
    variables = clippable_variables(model)
    assert len(variables) == 2
    clip_weights(variables, 0.01)
    kernel, bias = model.layers[0].get_weights()
    assert np.abs(kernel).max() == np.float32(0.01)
    np.testing.assert_array_equal(bias, np.float32([-0.01, 0.0, 0.01]))
    for one, other in zip(before, model.layers[-1].get_weights()):
        np.testing.assert_array_equal(one, other)
