"""Paired losses of the discriminator (critic) and the generator: the papers' equations.

Every function returns a scalar, the mean over the batch in float32, or in float64 of such
logits. Logits are the networks' raw outputs, tensors of any one shape, without a sigmoid.
"""

import tensorflow as tf


def non_saturating_discriminator_loss(real_logits, fake_logits, label_smoothing=0.0):
    """-log D(real) - log(1 - D(fake)); [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661).

    Args:
        real_logits, fake_logits: float tensors.
        label_smoothing: the target for photos is 1 minus this (one-sided smoothing,
            [Salimans et al., 2016](https://arxiv.org/abs/1606.03498), section 3.4).
    """
    return error(real_logits, 1.0 - label_smoothing) + error(fake_logits, 0.0)


def non_saturating_generator_loss(fake_logits):
    """-log D(fake); Goodfellow et al., 2014, section 3."""
    return error(fake_logits, 1.0)


def minimax_discriminator_loss(real_logits, fake_logits, label_smoothing=0.0):
    """The discriminator's side of equation 1, Goodfellow et al., 2014."""
    return non_saturating_discriminator_loss(real_logits, fake_logits, label_smoothing)


def minimax_generator_loss(fake_logits):
    """log(1 - D(fake)); the generator's side of equation 1, Goodfellow et al., 2014."""
    return -error(fake_logits, 0.0)


def least_squares_discriminator_loss(real_logits, fake_logits):
    """(D(real) - 1)^2 / 2 + D(fake)^2 / 2, half way from photo to fake at 0.5.

    Reference: [Mao et al., 2017](https://arxiv.org/abs/1611.04076), equation 9.
    """
    return 0.5 * (
        _mean(tf.square(_float(real_logits) - 1.0)) + _mean(tf.square(_float(fake_logits)))
    )


def least_squares_generator_loss(fake_logits):
    """(D(fake) - 1)^2 / 2; Mao et al., 2017, eq. 9."""
    return 0.5 * _mean(tf.square(_float(fake_logits) - 1.0))


def hinge_discriminator_loss(real_logits, fake_logits):
    """max(0, 1 - D(real)) + max(0, 1 + D(fake)); [Lim and Ye, 2017](https://arxiv.org/abs/1705.02894)."""
    return _mean(tf.nn.relu(1.0 - _float(real_logits))) + _mean(
        tf.nn.relu(1.0 + _float(fake_logits))
    )


def hinge_generator_loss(fake_logits):
    """-D(fake); Lim and Ye, 2017."""
    return -_mean(fake_logits)


def relativistic_discriminator_loss(real_logits, fake_logits):
    """softplus(-(D(real) - D(fake))), of pairs of a photo and a fake.

    Reference: [Jolicoeur-Martineau, 2019](https://arxiv.org/abs/1807.00734), RpGAN, as in
        [Huang et al., 2024](https://arxiv.org/abs/2501.05441), R3GAN, equation 2.
    """
    return _mean(tf.nn.softplus(_float(fake_logits) - _float(real_logits)))


def relativistic_generator_loss(real_logits, fake_logits):
    """softplus(-(D(fake) - D(real))); Huang et al., 2024, equation 2."""
    return relativistic_discriminator_loss(fake_logits, real_logits)


def wasserstein_discriminator_loss(real_logits, fake_logits):
    """mean D(fake) - mean D(real), the negative of the distance estimate.

    Reference: [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875), algorithm 1.
    """
    return _mean(fake_logits) - _mean(real_logits)


def wasserstein_generator_loss(fake_logits):
    """-mean D(fake); Arjovsky et al., 2017, algorithm 1."""
    return -_mean(fake_logits)


def error(logits, target):
    """Returns the mean binary cross-entropy of logits and one target in 0..1, in nats."""
    logits = _float(logits)
    targets = tf.fill(tf.shape(logits), tf.constant(target, logits.dtype))
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(targets, logits))


def _float(logits):
    logits = tf.convert_to_tensor(logits)
    return logits if logits.dtype == tf.float64 else tf.cast(logits, tf.float32)


def _mean(values):
    return tf.reduce_mean(_float(values))


LOSSES = {
    "non_saturating": (non_saturating_discriminator_loss, non_saturating_generator_loss),
    "minimax": (minimax_discriminator_loss, minimax_generator_loss),
    "least_squares": (least_squares_discriminator_loss, least_squares_generator_loss),
    "hinge": (hinge_discriminator_loss, hinge_generator_loss),
    "relativistic": (relativistic_discriminator_loss, relativistic_generator_loss),
    "wasserstein": (wasserstein_discriminator_loss, wasserstein_generator_loss),
    "wasserstein_gp": (wasserstein_discriminator_loss, wasserstein_generator_loss),
}
SMOOTHABLE = ("non_saturating", "minimax")
PAIRED = ("relativistic",)  # the generator's loss takes the photos' logits, too
