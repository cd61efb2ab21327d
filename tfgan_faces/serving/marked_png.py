"""Adds the mark of synthetic media to PNGs in a TensorFlow graph, which a server then runs."""

import struct
import zlib

import numpy as np
import tensorflow as tf

from tfgan_faces.visuals.synthetic_mark import SEED_WIDTH

_START = 33  # bytes before the first chunk after the header: signature and IHDR
_TYPE = b"iTXt"


def marked(png, mark, seed=None):
    """Returns PNGs with a chunk that says that they are generated.

    Args:
        png: string tensor [batch], PNG files.
        mark: `SyntheticMark`.
        seed: int64 tensor [batch] or None, the seeds to mention.

    Returns:
        String tensor [batch].

    Reference:
        [PNG specification](https://www.w3.org/TR/png-3/), sections 5.3 (chunks) and 11.3.3.4
        (iTXt).
    """
    start, rest = tf.strings.substr(png, 0, _START), tf.strings.substr(png, _START, 2**31 - 1)
    return tf.strings.join([start, *_chunk(mark, seed), rest])


def _chunk(mark, seed):
    """Returns the parts of the chunk, strings and string tensors [batch]."""
    if seed is None:
        data = _TYPE + mark.png_chunk_data()
        return [struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))]
    blank = "0" * SEED_WIDTH
    data = _TYPE + mark.png_chunk_data(blank)
    place = data.rindex(blank.encode())
    text = tf.strings.as_string(seed, width=SEED_WIDTH, fill="0")
    checksum = _checksum(data, place, tf.io.decode_raw(text, tf.uint8, fixed_length=SEED_WIDTH))
    before = struct.pack(">I", len(data) - 4) + data[:place]
    return [before, text, data[place + SEED_WIDTH :], *_big_endian(checksum)]


def _checksum(data, place, characters):
    """Returns the CRC-32 of data whose bytes from `place` on are replaced, int64 [batch].

    A CRC is linear: with XOR as the sum, the CRC of data is that of other data of the same length
    plus a term for each byte that differs. The terms are in a table.

    Args:
        data: bytes.
        place: int.
        characters: uint8 tensor [batch, count].
    """
    none = zlib.crc32(bytes(len(data)))
    count = characters.shape[1]
    terms = np.zeros((count, 256), np.int64)
    for index in range(count):
        after = bytes(len(data) - place - index - 1)
        for byte in range(256):
            changed = bytes([byte ^ data[place + index]])
            terms[index, byte] = zlib.crc32(bytes(place + index) + changed + after) ^ none
    found = tf.gather(
        tf.constant(terms.ravel()), tf.cast(characters, tf.int64) + 256 * np.arange(count)
    )
    checksum = tf.constant(zlib.crc32(data), tf.int64)
    for term in tf.unstack(found, axis=1):
        checksum = tf.bitwise.bitwise_xor(checksum, term)
    return checksum


def _big_endian(numbers):
    """Returns the four bytes of 32-bit numbers, string tensors [batch]."""
    characters = tf.constant([bytes([byte]) for byte in range(256)])
    shifted = (
        tf.bitwise.right_shift(numbers, tf.constant(bits, tf.int64)) for bits in (24, 16, 8, 0)
    )
    return [tf.gather(characters, tf.bitwise.bitwise_and(number, 255)) for number in shifted]
