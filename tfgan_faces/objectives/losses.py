"""Losses: the papers' equations for both networks, and the settings that depend on them.

To add a loss, add two functions and an entry of `LOSSES`. Its name becomes a choice of `--loss`.

Every function returns a scalar: the mean over the batch, in float64 for float64 logits, else in
float32. Logits are the discriminator's raw outputs, without a sigmoid: tensors of any shape,
the same for photos and fakes.
"""

import collections.abc
import dataclasses

from tfgan_faces.objectives.lazy_tensorflow import tf


def _zero(*_):
    return 0.0


def _one_half(*_):
    return 0.5


def _midpoint(real_mean, fake_mean):
    return (real_mean + fake_mean) / 2


@dataclasses.dataclass(frozen=True)
class Loss:
    """The losses of both networks, and everything that depends on this choice.

    Attributes:
        discriminator: function of the logits of photos and of fakes to a scalar.
        generator: function of the logits of fakes, or, if `is_paired`, of photos and of fakes,
            to a scalar.
        defaults: dict, the values of `TrainingConfig` fields that are None unless set.
        critic: str, the default of `--critic` when nothing is clipped.
        alias: str, a second name, or None.
        balanced_by: tuple of str, what a `--balance` rule may use, see `NoBalance.reads`.
        why_balanced: str, why other rules are not allowed.
        is_critic: whether the discriminator estimates a distance. It may then be far ahead, and
            may take several turns per step.
        has_bursts: whether `--critic_bursts` applies.
        needs_bound: whether the critic's weights or gradients must be bounded by a setting.
        is_penalized: whether the gradient penalty is a part of the loss.
        is_paired: whether the generator's loss also takes the logits of photos.
        is_smoothable: whether `discriminator` takes `label_smoothing`.
        threshold: function of the mean logits of photos and of fakes to the logit half way
            between "photo" and "fake".
        rmsprop_decay: float, RMSprop's decay of the mean square.
    """

    discriminator: collections.abc.Callable
    generator: collections.abc.Callable
    defaults: dict
    critic: str = "own"
    alias: str | None = None
    balanced_by: tuple = ("errors", "accuracy")
    why_balanced: str = ""
    is_critic: bool = False
    has_bursts: bool = False
    needs_bound: bool = False
    is_penalized: bool = False
    is_paired: bool = False
    is_smoothable: bool = False
    threshold: collections.abc.Callable = _zero
    rmsprop_decay: float = 0.9

    @property
    def shows_overfitting(self):
        """Whether the share of recognised photos shows that the discriminator remembers them.

        The threshold between photos and fakes must not depend on the logits themselves.
        """
        return not (self.is_critic or self.is_paired)


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
    """(D(real) - 1)^2 / 2 + D(fake)^2 / 2; half way between photo and fake is 0.5.

    Reference: [Mao et al., 2017](https://arxiv.org/abs/1611.04076), equation 9.
    """
    return 0.5 * (
        _mean(tf.square(_float(real_logits) - 1.0)) + _mean(tf.square(_float(fake_logits)))
    )


def least_squares_generator_loss(fake_logits):
    """(D(fake) - 1)^2 / 2; Mao et al., 2017, equation 9."""
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
    """softplus(-(D(real) - D(fake))), over pairs of a photo and a fake.

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


_DEFAULTS = {
    "balance": "margin",
    "clip": "none",
    "critic_steps": 5,
    "optimizer": "rmsprop",
    "generator_learning_rate": 3e-4,
    "discriminator_learning_rate": 3e-4,
    "beta_1": 0.5,
    "beta_2": 0.999,
    "label_smoothing": 0.0,
    "batch_size": 32,
}
_ADAM = {"balance": "none", "optimizer": "adam", "beta_1": 0.0, "batch_size": 64}
_CRITICS = {
    "balanced_by": (),
    "why_balanced": "the critic should be ahead, and its scores define no margin or accuracy",
    "is_critic": True,
    "threshold": _midpoint,
}
_SMOOTHED = {**_DEFAULTS, "label_smoothing": 0.1}
LOSSES = {
    "non_saturating": Loss(
        non_saturating_discriminator_loss,
        non_saturating_generator_loss,
        _SMOOTHED,
        alias="gan",
        is_smoothable=True,
    ),
    "minimax": Loss(
        minimax_discriminator_loss, minimax_generator_loss, _SMOOTHED, is_smoothable=True
    ),
    "least_squares": Loss(
        least_squares_discriminator_loss,
        least_squares_generator_loss,
        {**_DEFAULTS, "balance": "accuracy"},
        balanced_by=("accuracy",),
        why_balanced="the other rules compare cross-entropies, which do not apply to its logits",
        threshold=_one_half,
    ),
    "hinge": Loss(hinge_discriminator_loss, hinge_generator_loss, _DEFAULTS),
    "relativistic": Loss(
        relativistic_discriminator_loss,
        relativistic_generator_loss,
        {**_DEFAULTS, **_ADAM, "beta_2": 0.99},
        balanced_by=("accuracy",),
        why_balanced="the other rules compare cross-entropies, which do not apply to its logits",
        is_paired=True,
        # Only differences of logits matter, so 0 is no threshold.
        threshold=_midpoint,
    ),
    "wasserstein": Loss(
        wasserstein_discriminator_loss,
        wasserstein_generator_loss,
        {
            **_DEFAULTS,
            "balance": "none",
            "clip": "value",
            "critic_steps": 1,
            "generator_learning_rate": 2e-4,
            "discriminator_learning_rate": 2e-4,
        },
        alias="wgan",
        has_bursts=True,
        needs_bound=True,
        rmsprop_decay=0.99,  # as in the paper's code
        **_CRITICS,
    ),
    "wasserstein_gp": Loss(
        wasserstein_discriminator_loss,
        wasserstein_generator_loss,
        {
            **_DEFAULTS,
            **_ADAM,
            "batch_size": 32,
            "critic_steps": 1,
            "generator_learning_rate": 2e-4,
            "discriminator_learning_rate": 2e-4,
            "beta_2": 0.9,
        },
        critic="no_norm",
        alias="wgan-gp",
        is_penalized=True,
        **_CRITICS,
    ),
}
ALIASES = {loss.alias: name for name, loss in LOSSES.items() if loss.alias}
