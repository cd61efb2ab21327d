"""Constraints on a network's weights after its update."""

import keras

_NORMALIZATIONS = (
    keras.layers.BatchNormalization,
    keras.layers.GroupNormalization,
    keras.layers.LayerNormalization,
)


def clippable_variables(model):
    """Returns the kernels and biases of `model`, without normalisations' scales and offsets.

    Clipping a scale to 0.01 all but switches its layer off.
    """
    kept_out = {
        id(variable)
        for layer in model._flatten_layers()
        if isinstance(layer, _NORMALIZATIONS)
        for variable in layer.trainable_variables
    }
    return [variable for variable in model.trainable_variables if id(variable) not in kept_out]


def clip_weights(variables, clip_value):
    """Clips every variable to [-clip_value, clip_value].

    The crude way of keeping a critic's slope bounded;
    [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875), algorithm 1, line 7.
    """
    for variable in variables:
        variable.assign(keras.ops.clip(variable, -clip_value, clip_value))
