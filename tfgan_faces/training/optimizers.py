"""The optimizers, with the settings that GANs need."""

import keras


def build_optimizer(config, learning_rate):
    """Returns a new optimizer; each network needs one of its own.

    Adam has the betas of `config`. RMSProp has the blog's decay .9, or with the wasserstein
    loss the authors' .99; its epsilon of 1e-16 inside the root is their 1e-8 outside, while
    Keras' 1e-7 would damp the tiny gradients of a clipped critic.

    Args:
        config: resolved `TrainingConfig`.
        learning_rate: number.
    """
    if config.optimizer == "adam":
        return keras.optimizers.Adam(learning_rate, beta_1=config.beta_1, beta_2=config.beta_2)
    rho = 0.99 if config.loss == "wasserstein" else 0.9
    return keras.optimizers.RMSprop(learning_rate, rho=rho, epsilon=1e-16)
