"""Clipping of a linear output outside of training."""

import keras


@keras.saving.register_keras_serializable(package="tfgan_faces")
class InferenceClip(keras.layers.Layer):
    """Clips its input if called with `training=False`, otherwise returns it unchanged.

    In training, a clipped linear output would have no gradient where it is out of range.

    Args:
        minimum, maximum: floats, the range.

    Input shape and output shape:
        Any shape, the same for both.

    Example:

    >>> InferenceClip(-1.0, 1.0)(np.array([-3.0, 0.5]), training=False).numpy()
    array([-1. ,  0.5], dtype=float32)
    """

    def __init__(self, minimum, maximum, **kwargs):
        super().__init__(**kwargs)
        if minimum >= maximum:
            raise ValueError(
                "`minimum` must be less than `maximum`. "
                f"Received: minimum={minimum} and maximum={maximum}"
            )
        self.minimum, self.maximum = minimum, maximum

    def call(self, inputs, training=False):
        if training:
            return inputs
        return keras.ops.clip(inputs, self.minimum, self.maximum)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "minimum": self.minimum, "maximum": self.maximum}
