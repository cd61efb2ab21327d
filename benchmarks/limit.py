"""The machine's limit, and the least arithmetic that a training step needs."""

import keras
import tensorflow as tf

import tfgan_faces as tg
from benchmarks.tensorflow_training import use_threads
from tfgan_faces.layers import Deconvolution2D, UnpoolingDeconvolution2D

# A 5x5 convolution as large as the blog's, and a square matrix product.
CONVOLUTION = {"batch": 64, "side": 16, "channels": 256, "kernel": 5}
MATRIX_SIDE = 2048
CONVOLUTION_OPERATIONS = 2 * 64 * 16**2 * 5**2 * 256**2
MATRIX_OPERATIONS = 2 * MATRIX_SIDE**3


def convolution(precision, threads):
    """Returns a function that does `CONVOLUTION_OPERATIONS`."""
    use_threads(threads)
    dtype = keras.dtype_policies.get(precision).compute_dtype
    side, channels = CONVOLUTION["side"], CONVOLUTION["channels"]
    images = tf.ones((CONVOLUTION["batch"], side, side, channels), dtype)
    kernel = tf.ones((5, 5, channels, channels), dtype)
    run = tf.function(lambda: tf.nn.conv2d(images + 1, kernel, 1, "SAME")[0, 0, 0, 0])
    return lambda: float(run())


def matrix_product(precision, threads):
    """Returns a function that does `MATRIX_OPERATIONS`."""
    use_threads(threads)
    dtype = keras.dtype_policies.get(precision).compute_dtype
    matrix = tf.Variable(tf.ones((MATRIX_SIDE, MATRIX_SIDE), dtype))
    run = tf.function(lambda: tf.matmul(matrix, matrix)[0, 0])
    return lambda: float(run())


def step_operations(architecture, batch_size, image_size=64):
    """Returns the multiplications and additions of one step, twice the products.

    Each layer's direct convolution without products by zeros or equal pixels twice, at
    every output pixel; gradients for weights and for inputs cost the same again. Left
    out: gradients with respect to latents and photos, which nobody needs, and all that is not
    a convolution or a matrix product.
    """
    generator = tg.build_generator(architecture, image_size)
    discriminator = tg.build_discriminator(architecture, image_size)
    made, judged = _products(generator), _products(discriminator)
    discriminator_turn = sum(made) + 2 * (3 * sum(judged) - judged[0])
    generator_turn = 3 * sum(made) - made[0] + 2 * sum(judged)
    return 2 * batch_size * (discriminator_turn + generator_turn)


def _products(model):
    """Returns the multiplications for one image, layer by layer."""
    products = [_layer_products(layer) for layer in model.layers]
    return [count for count in products if count]


def _layer_products(layer):
    if isinstance(layer, keras.layers.Dense):
        return layer.kernel.shape[0] * layer.kernel.shape[1]
    if isinstance(layer, UnpoolingDeconvolution2D):
        return _places(layer) * _weights(layer) * _share_of_taps(layer)
    if isinstance(layer, (Deconvolution2D, keras.layers.Conv2D)):
        return _places(layer) * _weights(layer)
    return 0


def _places(layer):
    return layer.output.shape[1] * layer.output.shape[2]


def _weights(layer):
    return int(tf.size(layer.kernel))


def _share_of_taps(layer):
    """Different pixels that the kernel meets, over its size: 6.25 or 9 of 25 for 5x5 and 2."""
    share = 1.0
    for kernel, size in zip(layer.kernel_size, layer.size):
        met = kernel / size if layer.mode == "corner" else 1 + (kernel - 1) / size
        share *= met / kernel
    return share
