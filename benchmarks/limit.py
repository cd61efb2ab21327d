"""The peak rate of the machine and the minimum arithmetic of a training step."""

import keras
import tensorflow as tf

import tfgan_faces as tg
from benchmarks.tensorflow_training import use_threads
from tfgan_faces.layers import Deconvolution2D, UnpoolingDeconvolution2D

# A 5x5 convolution of the size that the blog's networks have, and a square matrix product.
CONVOLUTION = {"batch": 64, "side": 16, "channels": 256, "kernel": 5}
MATRIX_SIDE = 2048
CONVOLUTION_OPERATIONS = 2 * 64 * 16**2 * 5**2 * 256**2
MATRIX_OPERATIONS = 2 * MATRIX_SIDE**3


def convolution(precision, threads):
    """Returns a function that performs `CONVOLUTION_OPERATIONS`."""
    use_threads(threads)
    dtype = keras.dtype_policies.get(precision).compute_dtype
    side, channels = CONVOLUTION["side"], CONVOLUTION["channels"]
    images = tf.ones((CONVOLUTION["batch"], side, side, channels), dtype)
    kernel = tf.ones((5, 5, channels, channels), dtype)
    run = tf.function(lambda: tf.nn.conv2d(images + 1, kernel, 1, "SAME")[0, 0, 0, 0])
    return lambda: float(run())


def matrix_product(precision, threads):
    """Returns a function that performs `MATRIX_OPERATIONS`."""
    use_threads(threads)
    dtype = keras.dtype_policies.get(precision).compute_dtype
    matrix = tf.Variable(tf.ones((MATRIX_SIDE, MATRIX_SIDE), dtype))
    run = tf.function(lambda: tf.matmul(matrix, matrix)[0, 0])
    return lambda: float(run())


def step_operations(architecture, batch_size, image_size=64):
    """Returns the number of multiplications and additions of one training step.

    It is twice the number of products. Each layer counts as a direct convolution, without
    products with zeros of the unpooling or the border, and with equal pixels counted once.
    Gradients with respect to weights and to inputs cost the same again each. Not counted are
    gradients with respect to latents and photos, which are not needed, and all operations other
    than convolutions and matrix products.
    """
    generator = tg.build_generator(architecture, image_size)
    discriminator = tg.build_discriminator(architecture, image_size)
    of_generator, of_discriminator = _products(generator), _products(discriminator)
    # The discriminator sees photos and fakes, so it counts twice. Its first layer needs no
    # gradient with respect to its input.
    discriminator_update = sum(of_generator) + 2 * (3 * sum(of_discriminator) - of_discriminator[0])
    generator_update = 3 * sum(of_generator) - of_generator[0] + 2 * sum(of_discriminator)
    return 2 * batch_size * (discriminator_update + generator_update)


def _products(model):
    """Returns the number of multiplications for one image, a list with one item per layer."""
    products = [_layer_products(layer) for layer in model.layers]
    return [count for count in products if count]


def _layer_products(layer):
    if isinstance(layer, keras.layers.Dense):
        return layer.kernel.shape[0] * layer.kernel.shape[1]
    if isinstance(layer, Deconvolution2D):
        paddings = [before for before, _ in layer.margins()]
    elif isinstance(layer, keras.layers.Conv2D):  # all have "same" padding
        paddings = [(side - 1) // 2 for side in layer.kernel_size]
    else:
        return 0
    products = layer.kernel.shape[2] * layer.kernel.shape[3]
    sides = zip(layer.input.shape[1:3], layer.output.shape[1:3], layer.kernel_size, paddings)
    for axis, (small, large, kernel, padding) in enumerate(sides):
        size = layer.size[axis] if isinstance(layer, UnpoolingDeconvolution2D) else 1
        corner = size > 1 and layer.mode == "corner"
        products *= sum(
            _count_pixels(small, position - padding, kernel, size, corner)
            for position in range(large)
        )
    return products


def _count_pixels(side, first, kernel, size, corner):
    """Returns the number of different pixels of the small image under a kernel along one axis.

    Args:
        side: int, the side of the small image.
        first: int, the first position of the kernel in the unpooled image.
        kernel: int, the side of the kernel.
        size: int, the factor of the unpooling.
        corner: bool, whether only every `size`-th position has a pixel.
    """
    positions = (x for x in range(first, first + kernel) if not corner or x % size == 0)
    return len({position // size for position in positions} & set(range(side)))
