"""Penalties on the discriminator's gradients with respect to its images.

`judge` is a function from images [batch, height, width, channels] to logits [batch, 1]. It
includes augmentation; gradients are taken at the images before augmentation.
"""

import tensorflow as tf

_EPSILON = 1e-12  # inside the root, whose slope is infinite at 0


def zero_centered_penalty(judge, images, gamma):
    """Returns gamma / 2 times the mean over images of the gradient's squared norm.

    This is R1 for photos, and R2 for fakes.

    Reference:
        [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406), equations 9 and 10.
    """
    return 0.5 * gamma * tf.reduce_mean(squared_gradient_norms(judge, images))


def gradient_penalty(judge, photos, fakes, weight, uniforms):
    """Returns weight * (norm of the gradient - 1)^2, the mean over points between photos and fakes.

    Each pair of a photo and a fake has one random point on the line between them.

    Args:
        judge: see the module's docstring.
        photos, fakes: float tensors [batch, height, width, channels].
        weight: number, the paper's lambda.
        uniforms: float tensor [batch, 1], uniform in 0..1, each pair's point from fake to photo.

    Reference:
        [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028), equation 3.
    """
    uniforms = tf.cast(uniforms, photos.dtype)[:, :, None, None]
    between = fakes + uniforms * (photos - fakes)
    norms = tf.sqrt(squared_gradient_norms(judge, between) + _EPSILON)
    return weight * tf.reduce_mean(tf.square(norms - 1.0))


def squared_gradient_norms(judge, images):
    """Returns the squared norm of each image's gradient, a tensor [batch]."""
    with tf.GradientTape() as tape:
        tape.watch(images)
        # The gradient of the sum contains each image's gradient, because the network does not mix
        # images. (Minibatch standard deviation does, but only slightly.)
        total = tf.reduce_sum(judge(images))
    return tf.reduce_sum(tf.square(tape.gradient(total, images)), (1, 2, 3))
