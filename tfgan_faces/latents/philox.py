"""Normal numbers from seeds, by ordinary operations: the same ones wherever they are computed.

TensorFlow's kernel for the CPU defines them. XLA's gives others for the same seed, and a server or
a flag may compile any graph by XLA; so the kernel's arithmetic is written out here.
"""

import math

import tensorflow as tf

_MASK = 0xFFFFFFFF  # of 32 bits
_MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
_WEYL = 0x9E3779B9, 0xBB67AE85  # what the key grows by each round
_ROUNDS = 10
_SCRAMBLING_KEY = 0x3EC8F720, 0x02461E29  # by which TensorFlow makes a key of a seed
_SMALLEST = 1e-7  # uniform number, whose logarithm is finite
_FRACTION, _ONE = 0x7FFFFF, 127 << 23  # bits of a float32 in 1..2


@tf.function(reduce_retracing=True)  # so that a graph with several uses holds it once
def standard_normals(seeds, number):
    """Returns what `tf.random.stateless_normal(..., alg="philox")` gives on a CPU.

    The last bit may differ: logarithm, sine and cosine are taken in double precision, which
    makes the result independent of who computes them, and of the other seeds.

    Args:
        seeds: int64 tensor [batch, 2].
        number: int, how many numbers each seed gives.

    Returns:
        float32 tensor [batch, number].

    Reference:
        [Salmon et al., 2011](https://doi.org/10.1145/2063384.2063405), Philox4x32-10;
        [Box and Muller, 1958](https://doi.org/10.1214/aoms/1177706645).
    """
    seeds = tf.ensure_shape(seeds, (None, 2))  # a server does not look at inputs' shapes
    first, second = tf.unstack(tf.bitcast(seeds, tf.uint64)[:, None, :], axis=-1)
    counter = (_low(first), _high(first), _low(second), _high(second))
    scrambled = _philox(counter, [_constant(word) for word in _SCRAMBLING_KEY])
    blocks = tf.cast(tf.range(-(-number // 4), dtype=tf.int64), tf.uint64)[None]
    words = _philox((blocks, 0 * blocks, *scrambled[2:]), scrambled[:2])
    uniform = [_uniform(word) for word in words]
    normals = [*_box_muller(*uniform[:2]), *_box_muller(*uniform[2:])]
    return tf.reshape(tf.stack(normals, -1), (-1, 4 * blocks.shape[1]))[:, :number]


def _philox(counter, key):
    """Four words of 32 bits, in tensors of 64, for each counter of four words and key of two."""
    zero, one, two, three = counter
    for number in range(_ROUNDS):
        keys = [_low(word + _constant(number * weyl & _MASK)) for word, weyl in zip(key, _WEYL)]
        products = [word * _constant(factor) for word, factor in zip((zero, two), _MULTIPLIERS)]
        zero, one, two, three = (
            _xor(_high(products[1]), one, keys[0]),
            _low(products[1]),
            _xor(_high(products[0]), three, keys[1]),
            _low(products[0]),
        )
    return zero, one, two, three


def _uniform(word):
    """Returns float32 numbers in 0..1 of 23 bits each."""
    bits = tf.bitwise.bitwise_or(
        tf.bitwise.bitwise_and(word, _constant(_FRACTION)), _constant(_ONE)
    )
    return tf.bitcast(tf.cast(bits, tf.uint32), tf.float32) - 1.0


def _box_muller(one, other):
    """Returns two normal numbers for two uniform ones."""
    one, other = (tf.cast(uniform, tf.float64) for uniform in (one, other))
    radius = tf.sqrt(-2.0 * tf.math.log(tf.maximum(one, _SMALLEST)))
    normals = (wave(2.0 * math.pi * other) * radius for wave in (tf.sin, tf.cos))
    return [tf.cast(values, tf.float32) for values in normals]


def _constant(value):
    return tf.constant(value, tf.uint64)


def _low(values):
    return tf.bitwise.bitwise_and(values, _constant(_MASK))


def _high(values):
    return tf.bitwise.right_shift(values, _constant(32))


def _xor(one, other, third):
    return tf.bitwise.bitwise_xor(tf.bitwise.bitwise_xor(one, other), third)
