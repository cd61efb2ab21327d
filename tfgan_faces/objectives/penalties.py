"""Penalties on the discriminator's gradients with respect to its images.

`judge` is a function from images [batch, height, width, channels] to logits [batch, 1],
augmentation included: the gradients are those at the images before it.
"""

import tensorflow as tf

_EPSILON = 1e-12  # within the root, whose slope at 0 is infinite


def zero_centered_penalty(judge, images, gamma):
    """gamma / 2 times the mean over the images of the squared norm of the gradient.

    At photos R1, at fakes R2.

    Reference:
        [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406), equations 9 and 10.
    """
    return 0.5 * gamma * tf.reduce_mean(squared_gradient_norms(judge, images))


def gradient_penalty(judge, photos, fakes, weight, uniforms):
    """weight * (norm of the gradient - 1)^2, a mean over points between photos and fakes.

    Each pair of a photo and a fake has one point, anywhere on the line between them.

    Args:
        judge: see the module.
        photos, fakes: float tensors [batch, height, width, channels].
        weight: number, the paper's lambda.
        uniforms: float tensor [batch, 1], uniform in 0..1, where each pair's point lies.

    Reference:
        [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028), equation 3.
    """
    uniforms = tf.cast(uniforms, photos.dtype)[:, :, None, None]
    between = fakes + uniforms * (photos - fakes)
    norms = tf.sqrt(squared_gradient_norms(judge, between) + _EPSILON)
    return weight * tf.reduce_mean(tf.square(norms - 1.0))


def squared_gradient_norms(judge, images):
    """Returns the sum of squares of each image's gradient, a tensor [batch]."""
    with tf.GradientTape() as tape:
        tape.watch(images)
        # Images that do not meet in the network have each their own gradient in the sum's (a
        # minibatch standard deviation lets them meet, but little).
        total = tf.reduce_sum(judge(images))
    return tf.reduce_sum(tf.square(tape.gradient(total, images)), (1, 2, 3))
