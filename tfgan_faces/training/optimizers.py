"""The optimizers, with the settings that GANs need."""

import keras


def build_optimizer(name, learning_rate, loss):
    """Returns a new optimizer; each network needs one of its own.

    Adam has beta1 .5 ([Radford et al., 2016](https://arxiv.org/abs/1511.06434)). RMSProp has
    the blog's decay .9, or with the wasserstein loss the authors' .99; its epsilon of 1e-16
    inside the root is their 1e-8 outside, while Keras' 1e-7 would damp the tiny gradients of
    a clipped critic.
    """
    if name == "adam":
        return keras.optimizers.Adam(learning_rate, beta_1=0.5)
    rho = 0.99 if loss == "wasserstein" else 0.9
    return keras.optimizers.RMSprop(learning_rate, rho=rho, epsilon=1e-16)
