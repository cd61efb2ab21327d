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

    Each layer's direct convolution, without products by unpooling's zeros or the border's,
    and none for equal pixels twice; gradients for weights and for inputs cost the same again. Left
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
    if isinstance(layer, Deconvolution2D):
        befores = [before for before, _ in layer.margins()]
    elif isinstance(layer, keras.layers.Conv2D):  # "same"
        befores = [(side - 1) // 2 for side in layer.kernel_size]
    else:
        return 0
    products = layer.kernel.shape[2] * layer.kernel.shape[3]
    sides = zip(layer.input.shape[1:3], layer.output.shape[1:3], layer.kernel_size, befores)
    for axis, (small, large, kernel, before) in enumerate(sides):
        size = layer.size[axis] if isinstance(layer, UnpoolingDeconvolution2D) else 1
        corner = size > 1 and layer.mode == "corner"
        products *= sum(_met(small, place - before, kernel, size, corner) for place in range(large))
    return products


def _met(side, first, kernel, size, corner):
    """Returns how many different pixels of the small image a kernel meets along one axis.

    Args:
        side: int, the small image's.
        first: int, the kernel's first place in the unpooled image.
        kernel: int, the kernel's side.
        size: int, the unpooling's factor.
        corner: whether only every `size`-th place holds a pixel.
    """
    places = (place for place in range(first, first + kernel) if not corner or place % size == 0)
    return len({place // size for place in places} & set(range(side)))
