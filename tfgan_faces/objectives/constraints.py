"""Constraints on a network's weights after its update."""

import dataclasses
import math

import keras
import tensorflow as tf

_NORMALIZATIONS = (
    keras.layers.BatchNormalization,
    keras.layers.GroupNormalization,
    keras.layers.LayerNormalization,
)


@dataclasses.dataclass(frozen=True)
class Box:
    """The bounds of one variable: [-bound, bound].

    Args:
        variable: `keras.Variable`.
        bound: number, the largest absolute value allowed.
        centred: for a kernel, whether the mean of each filter is subtracted before clipping.
    """

    variable: keras.Variable
    bound: float
    centred: bool = False

    def clip(self):
        """Clips all values to the box, after centring the filters if `centred`."""
        value = tf.convert_to_tensor(self.variable)
        if self.centred:
            value -= tf.reduce_mean(value, range(value.shape.rank - 1), keepdims=True)
        self.variable.assign(tf.clip_by_value(value, -self.bound, self.bound))


class WeightClipping:
    """Clips the trainable parameters of a critic to boxes, so that its slope stays bounded.

    Three rules define the boxes:

    - `"value"`: one box for all parameters, [-size, size]. The paper mentions only weights, but
      its code also clips biases and the scales and offsets of normalisations. So does this rule:
      users who did not clip the scales found that a norm undoes the clipping of the preceding
      kernel.
    - `"fan_in"`: one box per layer, with the bound size * sqrt(6 / fan_in), where the fan-in is
      the number of inputs of one output. sqrt(6 / fan_in) is the bound of He's uniform
      initialisation, which preserves the scale of signals, so that they do not shrink from layer
      to layer in a critic without norms. In convolution kernels, the mean of each filter is
      subtracted first: a filter that only sums its inputs detects nothing but brightness, and
      does so before any other filter detects anything. A bias has its layer's bound; scales and
      offsets of norms have the bound `size`. This rule is not from the paper.
    - `"kernels"`: as `"value"`, but without the normalisations, as in version 0.7.

    Args:
        model: the critic.
        rule: `"value"`, `"fan_in"`, `"kernels"`, or `"none"` for no boxes.
        size: number above 0, see above.

    Reference:
        [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875), algorithm 1, line 7;
        [He et al., 2015](https://arxiv.org/abs/1502.01852), equation 10.
    """

    def __init__(self, model, rule, size):
        self.model, self.boxes = model, _RULES[rule](model, size)

    @property
    def is_on(self):
        """Whether anything is clipped."""
        return bool(self.boxes)

    def apply(self):
        """Clips all variables that have a box."""
        for box in self.boxes:
            box.clip()

    def share_at_walls(self):
        """Returns the share of clipped parameters that are at a bound, a float in 0..1."""
        values = [(tf.abs(tf.convert_to_tensor(box.variable)), box.bound) for box in self.boxes]
        at_bound = sum(int(tf.math.count_nonzero(value >= bound)) for value, bound in values)
        return at_bound / sum(int(tf.size(value)) for value, _ in values)

    def gain(self):
        """Returns the gain of a critic whose weights are all at their bounds, with random signs.

        It is the product of bound * sqrt(fan_in / 2) over kernels, because a ReLU halves the mean
        square of its input. For a kernel followed by a normalisation, the bound of the
        normalisation's scale replaces this factor. Of layers with the same input, such as the
        logit and the products with labels, one counts. The gain depends only on the boxes, so
        scores divided by it can be compared between runs with boxes of different sizes.
        """
        bounds = {id(box.variable): box.bound for box in self.boxes}
        gains, inputs = [1.0], None
        for layer in _layers(self.model):
            bound = bounds.get(id(layer.trainable_variables[0]))
            before, inputs = inputs, getattr(layer, "input", None)
            if bound is None or (inputs is not None and inputs is before):
                continue
            if isinstance(layer, _NORMALIZATIONS):
                gains[-1] = bound
            else:
                gains.append(bound * math.sqrt(_fan_in(layer) / 2))
        return math.prod(gains)


def _one_box(model, size):
    return [Box(variable, size) for variable in model.trainable_variables]


def _box_of_kernels(model, size):
    return [
        Box(variable, size)
        for layer in _layers(model)
        if not isinstance(layer, _NORMALIZATIONS)
        for variable in layer.trainable_variables
    ]


def _boxes_by_fan_in(model, size):
    boxes = []
    for layer in _layers(model):
        if isinstance(layer, _NORMALIZATIONS):
            boxes += [Box(variable, size) for variable in layer.trainable_variables]
            continue
        bound = size * math.sqrt(6 / _fan_in(layer))
        boxes += [
            Box(variable, bound, centred=variable.shape.rank == 4)
            for variable in layer.trainable_variables
        ]
    return boxes


def _layers(model):
    """Returns the layers that have parameters, including those of nested models."""
    nested = (_layers(layer) if hasattr(layer, "layers") else [layer] for layer in model.layers)
    return [layer for layers in nested for layer in layers if layer.trainable_variables]


def _fan_in(layer):
    """Returns the number of inputs of one output of a layer with a kernel."""
    return math.prod(layer.kernel.shape[:-1])


_RULES = {
    "none": lambda model, size: [],
    "value": _one_box,
    "fan_in": _boxes_by_fan_in,
    "kernels": _box_of_kernels,
}
