"""A layer of unpooling and deconvolution in equivalent forms."""

import keras
import numpy as np
import tensorflow as tf

import tfgan_faces as tg
from benchmarks.tensorflow_training import use_threads
from tfgan_faces.layers.image_tensors import padded_convolution
from tfgan_faces.layers.phases import interleaved, phase_kernel


def work(form, shape, precision, threads):
    """Returns a function that computes the layer and its gradients.

    Args:
        form: `"transposed"`, `"phases"` or `"plain"`.
        shape: batch size, image side, channels, filters, kernel side, and `"corner"` (with a
            full deconvolution) or `"nearest"` (with a deconvolution with "same" padding).
        precision: str, the dtype of the images.
        threads: int.
    """
    use_threads(threads)
    batch, side, channels, filters, kernel_size, mode = shape
    images = tf.random.stateless_normal((batch, side, side, channels), (0, 0))
    images = tf.Variable(tf.cast(images, precision))
    weights = (kernel_size, kernel_size, channels, filters)
    kernel = tf.Variable(tf.random.stateless_normal(weights, (0, 1)))
    compute = _FORMS[form, mode]

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            result = compute(images.value(), kernel.value())
        images_gradient, kernel_gradient = tape.gradient(result, [images, kernel], result)
        return tf.cast(images_gradient[0, 0, 0, 0], tf.float32) + kernel_gradient[0, 0, 0, 0]

    return lambda: float(step())


def _transposed_corner(images, kernel):
    large = _transposed(images, kernel, 0)
    return tf.pad(large, [[0, 0], [0, 1], [0, 1], [0, 0]])


def _transposed_nearest(images, kernel):
    """Computes nearest upsampling as unpooling to the corners and a sum over 2x2 pixels.

    The sum is part of the kernel.
    """
    margin = (kernel.shape[0] - 1) // 2
    for axis in (0, 1):
        before, after = (
            [[0, 0]] * axis + [pad] + [[0, 0]] * (3 - axis) for pad in ([1, 0], [0, 1])
        )
        kernel = tf.pad(kernel, before) + tf.pad(kernel, after)
    return _transposed(images, kernel, margin)


def _transposed(images, kernel, margin):
    batch, side, *_ = images.shape
    span = (side - 1) * 2 + kernel.shape[0]
    flipped = tf.cast(tf.transpose(tf.reverse(kernel, (0, 1)), (0, 1, 3, 2)), images.dtype)
    # TensorFlow has no oneDNN kernel for bfloat16 with explicit padding, so crop afterwards.
    large = tf.nn.conv2d_transpose(
        images, flipped, [batch, span, span, kernel.shape[-1]], 2, "VALID"
    )
    end = span - margin
    return large[:, margin:end, margin:end]


def _phases_corner(images, kernel):
    """Leaves out every second tap of each phase, which meets a zero of the unpooled image."""
    span = kernel.shape[0]
    positions = np.arange(2)[:, None] + np.arange(span) - (span - 1)
    taps = np.where(positions % 2, -span, positions // 2)  # -span: no pixel
    first, last = int((positions // 2)[positions % 2 == 0].min()), int(taps.max())
    sums = (taps[:, None, :] == np.arange(first, last + 1)[:, None]).astype(np.float32)
    side = images.shape[1]
    size = 2 * side + span - 1
    count = -(-size // 2)
    derived = tf.cast(phase_kernel(kernel, sums, sums), images.dtype)
    phases = padded_convolution(images, derived, None, [(-first, count - side + last)] * 2)
    return interleaved(phases, (count, count), (2, 2))[:, :size, :size]


def _phases_nearest(images, kernel):
    layer = tg.layers.UnpoolingDeconvolution2D(
        kernel.shape[-1], kernel.shape[0], mode="nearest", padding="same"
    )
    return layer.convolve(images, tf.cast(layer.derived_kernel(kernel), images.dtype), None)


def _plain_corner(images, kernel):
    margin = kernel.shape[0] - 1
    unpooled = tg.layers.MaxUnpooling2D(2, dtype=images.dtype)(images)
    padded = tf.pad(unpooled, [[0, 0], [margin, margin], [margin, margin], [0, 0]])
    return tf.nn.conv2d(padded, tf.cast(kernel, images.dtype), 1, "VALID")


def _plain_nearest(images, kernel):
    upsampled = keras.layers.UpSampling2D(2, dtype=images.dtype)(images)
    return tf.nn.conv2d(upsampled, tf.cast(kernel, images.dtype), 1, "SAME")


_FORMS = {
    ("transposed", "corner"): _transposed_corner,
    ("transposed", "nearest"): _transposed_nearest,
    ("phases", "corner"): _phases_corner,
    ("phases", "nearest"): _phases_nearest,
    ("plain", "corner"): _plain_corner,
    ("plain", "nearest"): _plain_nearest,
}
