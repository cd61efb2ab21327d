import io
import struct
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import tensorflow as tf
from PIL import Image

from tfgan_faces.serving.marked_png import marked
from tfgan_faces.visuals.synthetic_mark import PNG_KEYWORD, SyntheticMark

MARK = SyntheticMark("Faces of <café> & co", "1.2.3")
SEED = "{urn:tfgan_faces:}Seed"


def chunks(png):
    """Returns the chunks of a PNG after strict checks of its structure and checksums."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    found, position = [], 8
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        kind_and_data = png[position + 4 : position + 8 + length]
        (checksum,) = struct.unpack(">I", png[position + 8 + length : position + 12 + length])
        assert len(kind_and_data) == length + 4
        assert checksum == zlib.crc32(kind_and_data)
        found.append((kind_and_data[:4], kind_and_data[4:]))
        position += length + 12
    assert found[0][0] == b"IHDR"
    assert found[-1] == (b"IEND", b"")
    return found


def description(png):
    """Returns the attributes of the XMP packet of a PNG."""
    (data,) = (data for kind, data in chunks(png) if kind == b"iTXt")
    keyword, compression, language, translated, text = data.split(b"\0", 1)[:1] + [
        data[len(PNG_KEYWORD) + 1 : len(PNG_KEYWORD) + 3],
        *data[len(PNG_KEYWORD) + 3 :].split(b"\0", 2),
    ]
    assert (keyword, compression, language, translated) == (PNG_KEYWORD.encode(), b"\0\0", b"", b"")
    root = ET.fromstring(text.decode().removeprefix("\ufeff"))
    return root.find(".//{*}Description").attrib


def test_every_seed_is_in_a_chunk_with_a_right_checksum(rng):
    images = rng.integers(0, 256, (7, 8, 8, 3), np.uint8)
    seeds = [0, 3, 10, 2**31 - 1, -1, 2**63 - 1, -(2**63)]
    function = tf.function(lambda images, seed: marked(tf.io.encode_png(images), MARK, seed))
    files = function(images, tf.constant(seeds, tf.int64)).numpy()
    for image, seed, png in zip(images, seeds, files):
        facts = description(png)
        assert int(facts[SEED]) == seed
        assert list(kind for kind, _ in chunks(png))[:2] == [b"IHDR", b"iTXt"]
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png))), image)
        Image.open(io.BytesIO(png)).verify()


def test_a_picture_without_a_seed_names_the_source_the_model_and_the_version(rng):
    images = rng.integers(0, 256, (2, 8, 8, 3), np.uint8)
    for png in marked(tf.io.encode_png(images), MARK).numpy():
        facts = description(png)
        iptc = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
        source = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
        assert facts[f"{iptc}DigitalSourceType"] == source
        assert facts[f"{iptc}AISystemUsed"] == "Faces of <café> & co"
        assert facts[f"{iptc}AISystemVersionUsed"] == "tfgan_faces 1.2.3"
        assert SEED not in facts
