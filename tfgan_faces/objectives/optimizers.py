"""The optimizers, with the settings that GANs need.

A new optimizer is a function and an entry of `OPTIMIZERS`; its name is a choice of `--optimizer`
by that.
"""

import collections.abc
import dataclasses

from tfgan_faces.objectives.losses import LOSSES


def _adam(config, learning_rate):
    import keras  # late: the settings read the names below

    return keras.optimizers.Adam(learning_rate, beta_1=config.beta_1, beta_2=config.beta_2)


def _rmsprop(config, learning_rate):
    """RMSProp with the loss's decay.

    Its epsilon of 1e-16 inside the root is the 1e-8 outside of it that the WGAN's code has; Keras'
    1e-7 would damp the tiny gradients of a clipped critic.
    """
    import keras

    rho = LOSSES[config.loss].rmsprop_decay
    return keras.optimizers.RMSprop(learning_rate, rho=rho, epsilon=1e-16)


@dataclasses.dataclass(frozen=True)
class Optimizer:
    """An optimizer and what the settings need to know of it.

    Attributes:
        build: function of a resolved `TrainingConfig` and a learning rate to a Keras optimizer.
        has_betas: whether `--beta_1` and `--beta_2` apply, so that it has momentum.
    """

    build: collections.abc.Callable
    has_betas: bool = False


OPTIMIZERS = {"adam": Optimizer(_adam, has_betas=True), "rmsprop": Optimizer(_rmsprop)}


def build_optimizer(config, learning_rate):
    """Returns a new optimizer; each network needs one of its own.

    Args:
        config: resolved `TrainingConfig`.
        learning_rate: number.
    """
    return OPTIMIZERS[config.optimizer].build(config, learning_rate)
