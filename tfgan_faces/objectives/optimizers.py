"""The optimizers, with the settings that GANs need.

To add an optimizer, add a function and an entry of `OPTIMIZERS`. Its name becomes a choice of
`--optimizer`.
"""

import collections.abc
import dataclasses

from tfgan_faces.objectives.losses import LOSSES


def _adam(config, learning_rate):
    import keras  # late import: the settings read the names below

    return keras.optimizers.Adam(learning_rate, beta_1=config.beta_1, beta_2=config.beta_2)


def _rmsprop(config, learning_rate):
    """Returns RMSprop with the loss's decay.

    The epsilon of 1e-16 inside the root corresponds to 1e-8 outside of it in the WGAN authors'
    code. Keras' default of 1e-7 would damp the tiny gradients of a clipped critic.
    """
    import keras

    rho = LOSSES[config.loss].rmsprop_decay
    return keras.optimizers.RMSprop(learning_rate, rho=rho, epsilon=1e-16)


@dataclasses.dataclass(frozen=True)
class Optimizer:
    """An optimizer, and the properties that the settings depend on.

    Attributes:
        build: function of a resolved `TrainingConfig` and a learning rate to a Keras optimizer.
        has_betas: whether `--beta_1` and `--beta_2` apply, that is, whether it has momentum.
    """

    build: collections.abc.Callable
    has_betas: bool = False


OPTIMIZERS = {"adam": Optimizer(_adam, has_betas=True), "rmsprop": Optimizer(_rmsprop)}


def build_optimizer(config, learning_rate):
    """Returns a new optimizer; each network needs a separate one.

    Args:
        config: resolved `TrainingConfig`.
        learning_rate: number.
    """
    return OPTIMIZERS[config.optimizer].build(config, learning_rate)
