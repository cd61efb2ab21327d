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
    """The bounds of one variable.

    Args:
        variable: `keras.Variable`.
        bound: number, the largest absolute value that it may have.
        centred: whether each filter of it, a kernel, is made to have a mean of zero first.
    """

    variable: keras.Variable
    bound: float
    centred: bool = False

    def clip(self):
        """Moves all values into the box, the others to its nearest wall."""
        value = tf.convert_to_tensor(self.variable)
        if self.centred:
            value -= tf.reduce_mean(value, range(value.shape.rank - 1), keepdims=True)
        self.variable.assign(tf.clip_by_value(value, -self.bound, self.bound))


class WeightClipping:
    """Keeps every trainable parameter of a critic in a box, so that its slope stays bounded.

    Three rules give the boxes:

    - `"value"`: one box for all, [-size, size]. The paper speaks of weights only; its code
      clips biases and the normalisations' scales and offsets, too. So does this rule: users who
      left the scales out found that a norm undoes the clipping of the kernel before it.
    - `"fan_in"`: a box for each layer, with the bound size * sqrt(6 / fan_in), where the fan-in
      is the number of inputs of one output. sqrt(6 / fan_in) is the bound of He's uniform
      initialisation, which hands on signals at their size, so that a critic without a norm gets
      no quieter from layer to layer. Kernels of convolutions have the mean of each filter taken
      away first: a filter that only adds up finds brightness, and nothing else, before all
      others do. A bias has its layer's bound, and a norm's scales and offsets have `size`. This
      rule is our own.
    - `"kernels"`: as `"value"`, but without the normalisations: what version 0.7 did.

    Args:
        model: the critic.
        rule: `"value"`, `"fan_in"`, `"kernels"`, or `"none"` for no boxes at all.
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
        """Clips all variables."""
        for box in self.boxes:
            box.clip()

    def share_at_walls(self):
        """Returns the share of all clipped parameters that lie on a wall, a float in 0..1."""
        values = [(tf.abs(tf.convert_to_tensor(box.variable)), box.bound) for box in self.boxes]
        there = sum(int(tf.math.count_nonzero(value >= bound)) for value, bound in values)
        return there / sum(int(tf.size(value)) for value, _ in values)

    def gain(self):
        """Returns the gain of a critic whose weights all lie on walls, with signs at random.

        It is the product of bound * sqrt(fan_in / 2) over kernels: a ReLU halves the mean square
        of what it is given. A normalisation takes the place of the kernel before it, by its
        scale's bound. The gain depends on the boxes only, so that scores divided by it compare
        between runs with boxes of other sizes.
        """
        bounds = {id(box.variable): box.bound for box in self.boxes}
        gains = [1.0]
        for layer in _layers(self.model):
            bound = bounds.get(id(layer.trainable_variables[0]))
            if bound is None:
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
    """Returns the layers that have parameters, those of models within the model, too."""
    nested = (_layers(it) if hasattr(it, "layers") else [it] for it in model.layers)
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
