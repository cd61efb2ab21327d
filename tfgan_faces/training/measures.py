"""The measures that a step returns, and their means between two rows of the log."""

import tensorflow as tf

from tfgan_faces.objectives.losses import error

MEASURES = (
    "discriminator_loss",
    "generator_loss",
    "real_success",
    "fake_success",
    "fooling_success",
    "distance_estimate",
    "penalty",
)
# For a clipped critic: whether it scores more than brightness, and whether it has a slope.
CRITIC_MEASURES = ("brightness_correlation", "critic_gradient_norm")
# The running means in a checkpoint, one entry per group. A new measure needs a new group: older
# checkpoints do not contain it, and its means then start at zero.
GROUPS = {"running": MEASURES, "running_of_critic": CRITIC_MEASURES}
# A step also returns these errors, the inputs of the balancing rules.
STEERING = ("real_error", "fake_error", "generator_error")
ALL = (*(name for group in GROUPS.values() for name in group), *STEERING)


def share_above(logits, threshold):
    """Returns the share of logits above a threshold, a float32 scalar."""
    return tf.reduce_mean(tf.cast(logits > tf.cast(threshold, logits.dtype), tf.float32))


def discriminator_measures(loss, penalty, real_logits, fake_logits, threshold):
    """Returns the measures of the discriminator's turn, a dict of float32 scalars.

    A photo counts as recognised if its logit is above the threshold, which `Loss.threshold`
    computes from the mean logits of photos and of fakes.
    """
    real_mean, fake_mean = tf.reduce_mean(real_logits), tf.reduce_mean(fake_logits)
    threshold = threshold(real_mean, fake_mean)
    found = {
        "discriminator_loss": loss,
        "real_success": share_above(real_logits, threshold),
        "fake_success": 1.0 - share_above(fake_logits, threshold),
        "distance_estimate": real_mean - fake_mean,
        "penalty": penalty,
        "threshold": threshold,
        "real_error": error(real_logits, 1.0),
        "fake_error": error(fake_logits, 0.0),
    }
    return {name: tf.cast(value, tf.float32) for name, value in found.items()}


def brightness_correlation(images, logits):
    """Returns how strongly logits correlate with brightness, a float32 scalar in 0..1.

    It is the absolute Pearson correlation of the images' mean pixels and their logits. Near 1,
    the critic distinguishes bright images from dark ones, and nothing else.

    Args:
        images: float tensor [batch, height, width, 3].
        logits: float tensor [batch, 1].
    """
    brightness = tf.reduce_mean(tf.cast(images, tf.float32), (1, 2, 3))
    scores = tf.reshape(tf.cast(logits, tf.float32), [-1])
    one, other = (values - tf.reduce_mean(values) for values in (brightness, scores))
    norms = tf.norm(one) * tf.norm(other)
    return tf.abs(tf.math.divide_no_nan(tf.reduce_sum(one * other), norms))


def generator_measures(loss, fake_logits, threshold):
    """Returns the measures of the generator's turn, a dict of float32 scalars.

    A fake fools the discriminator if its logit is above the threshold, see
    `discriminator_measures`.
    """
    return {
        "generator_loss": tf.cast(loss, tf.float32),
        "generator_error": tf.cast(error(fake_logits, 1.0), tf.float32),
        "fooling_success": share_above(fake_logits, threshold),
    }


class RunningMeans(tf.Module):
    """Sums of measures since the last reading, which are part of the saved state.

    Args:
        names: sequence of str, the names of the measures.
    """

    def __init__(self, names):
        super().__init__()
        self.names = names
        self.sums = tf.Variable(tf.zeros(len(names)), trainable=False, name="measure_sums")
        self.steps = tf.Variable(0.0, trainable=False, name="measured_steps")

    def add(self, measures):
        """Adds one step's measures, a dict with a scalar for each of the names, and others.

        A step is skipped if one of the named measures is not finite.
        """
        row = tf.stack([measures[name] for name in self.names])
        finite = tf.reduce_all(tf.math.is_finite(row))
        self.sums.assign_add(tf.where(finite, row, 0.0))
        self.steps.assign_add(tf.cast(finite, tf.float32))

    def read(self):
        """Returns the means as a dict of floats, and resets the sums."""
        means = (self.sums / tf.maximum(self.steps, 1.0)).numpy().tolist()
        self.sums.assign(tf.zeros_like(self.sums))
        self.steps.assign(0.0)
        return dict(zip(self.names, means))


class Measures:
    """The running means of all groups."""

    def __init__(self):
        self._groups = {group: RunningMeans(names) for group, names in GROUPS.items()}

    def add(self, measures):
        """Adds one step's measures, see `RunningMeans.add`."""
        for means in self._groups.values():
            means.add(measures)

    def read(self):
        """Returns the means of all groups as a dict of floats, and resets the sums."""
        groups = [means.read() for means in self._groups.values()]
        return {name: mean for group in groups for name, mean in group.items()}

    def state(self):
        """Returns a dict of group to list of `tf.Variable`."""
        return {group: list(means.variables) for group, means in self._groups.items()}
