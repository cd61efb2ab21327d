"""Normal numbers from seeds, computed with ordinary operations and the same everywhere.

TensorFlow's CPU kernel defines the numbers. XLA's kernel gives different numbers for the same seed,
and a server or a flag may compile any graph with XLA. So this module implements the arithmetic of
the CPU kernel.
"""

import math

import tensorflow as tf

_MASK = 0xFFFFFFFF  # 32 bits
_MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
_WEYL = 0x9E3779B9, 0xBB67AE85  # added to the key in each round
_ROUNDS = 10
_SCRAMBLING_KEY = 0x3EC8F720, 0x02461E29  # the key with which TensorFlow turns a seed into a key
_MIN_UNIFORM = 1e-7  # keeps the logarithm finite
_BITS = 23  # of a uniform number


@tf.function(reduce_retracing=True)  # a graph with several calls contains it once
def standard_normals(seeds, number):
    """Returns the numbers of `tf.random.stateless_normal(..., alg="philox")` on a CPU.

    The last bit may differ. Logarithm, sine and cosine are computed in double precision, which
    makes the result independent of their implementation and of the other seeds.

    Args:
        seeds: int64 tensor [batch, 2].
        number: int, how many numbers to return per seed.

    Returns:
        float32 tensor [batch, number].

    Reference:
        [Salmon et al., 2011](https://doi.org/10.1145/2063384.2063405), Philox4x32-10;
        [Box and Muller, 1958](https://doi.org/10.1214/aoms/1177706645).
    """
    seeds = tf.ensure_shape(seeds, (None, 2))  # a server does not check the shapes of inputs
    # Casts wrap around. Unlike bitcasts, all formats that a graph is exported to have them.
    first, second = tf.unstack(tf.cast(seeds, tf.uint64)[:, None, :], axis=-1)
    counter = (_low(first), _high(first), _low(second), _high(second))
    scrambled = _philox(counter, [_constant(word) for word in _SCRAMBLING_KEY])
    blocks = tf.cast(tf.range(-(-number // 4), dtype=tf.int64), tf.uint64)[None]
    words = _philox((blocks, 0 * blocks, *scrambled[2:]), scrambled[:2])
    uniform = [_uniform(word) for word in words]
    normals = [*_box_muller(*uniform[:2]), *_box_muller(*uniform[2:])]
    return tf.reshape(tf.stack(normals, -1), (-1, 4 * blocks.shape[1]))[:, :number]


def _philox(counter, key):
    """Returns four 32-bit words, as uint64, per counter of four words and key of two words."""
    zero, one, two, three = counter
    for index in range(_ROUNDS):
        keys = [_low(word + _constant(index * weyl & _MASK)) for word, weyl in zip(key, _WEYL)]
        products = [word * _constant(factor) for word, factor in zip((zero, two), _MULTIPLIERS)]
        zero, one, two, three = (
            _xor(_high(products[1]), one, keys[0]),
            _low(products[1]),
            _xor(_high(products[0]), three, keys[1]),
            _low(products[0]),
        )
    return zero, one, two, three


def _uniform(word):
    """Returns float32 numbers in 0..1 with the lowest bits of each word."""
    bits = tf.bitwise.bitwise_and(word, _constant(2**_BITS - 1))
    return tf.cast(tf.cast(bits, tf.int32), tf.float32) * 2.0**-_BITS


def _box_muller(one, other):
    """Returns two normal numbers from two uniform numbers."""
    one, other = (tf.cast(uniform, tf.float64) for uniform in (one, other))
    radius = tf.sqrt(-2.0 * tf.math.log(tf.maximum(one, _MIN_UNIFORM)))
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
