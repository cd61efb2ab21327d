import io
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from tfgan_faces.data.sources import photo_decoding
from tfgan_faces.data.sources.photo_decoding import decode_photo

RED, GREEN, BLUE, WHITE = (200, 20, 20), (20, 200, 20), (20, 20, 200), (255, 255, 255)


def encode(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def quarters(size=(64, 64)):
    """Returns an image with quadrants in red, green (top), blue and white (bottom)."""
    image = Image.new("RGB", (2, 2))
    image.putdata([RED, GREEN, BLUE, WHITE])
    return image.resize(size, Image.Resampling.NEAREST)


def corners(pixels):
    return [tuple(int(v) for v in pixels[y, x]) for y in (1, -2) for x in (1, -2)]


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WEBP", "JPEG"])
def test_formats(kind):
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100} if kind == "JPEG" else {}
    pixels = decode_photo(encode(quarters(), kind, **options), 1.0, 16)
    assert pixels.shape == (16, 16, 3)
    assert pixels.dtype == np.uint8
    np.testing.assert_allclose(corners(pixels), [RED, GREEN, BLUE, WHITE], atol=6)


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "LA", "RGBA", "I;16"])
def test_colour_modes(mode):
    grey = Image.fromarray(np.repeat(np.uint8([[0, 255]]), 32, 0).repeat(16, 1))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        image = grey.convert(mode)
    content = encode(image, "JPEG" if mode == "CMYK" else "PNG")
    pixels = decode_photo(content, 1.0, 8)
    np.testing.assert_allclose(corners(pixels), [(0,) * 3, (255,) * 3] * 2, atol=8)


def test_16_bit_images_keep_their_brightness():
    dark = Image.fromarray(np.full((8, 8), 20 * 257, np.uint16))
    np.testing.assert_array_equal(decode_photo(encode(dark), 1.0, 8), 20)


def test_a_large_photo_is_decoded():
    large = Image.new("L", (12000, 9000), 90)  # 108 megapixels, as in phone cameras
    pixels = decode_photo(encode(large, "JPEG"), 1.0, 8)
    np.testing.assert_allclose(pixels, 90, atol=1)


def test_transparent_parts_become_white():
    image = quarters().convert("RGBA")
    image.putalpha(Image.new("L", (64, 64), 0))
    np.testing.assert_array_equal(decode_photo(encode(image), 1.0, 8), 255)


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, [RED, GREEN, BLUE, WHITE]),
        (2, [GREEN, RED, WHITE, BLUE]),
        (3, [WHITE, BLUE, GREEN, RED]),
        (4, [BLUE, WHITE, RED, GREEN]),
        (5, [RED, BLUE, GREEN, WHITE]),
        (6, [BLUE, RED, WHITE, GREEN]),
        (7, [WHITE, GREEN, BLUE, RED]),
        (8, [GREEN, WHITE, RED, BLUE]),
    ],
)
def test_exif_rotation_is_applied(orientation, expected):
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encode(quarters(), "JPEG", quality=100, exif=exif)
    np.testing.assert_allclose(corners(decode_photo(content, 1.0, 16)), expected, atol=6)


def test_crop_keeps_the_centred_square_of_the_shorter_side():
    """With a 100x50 photo and crop 0.6, the 30x30 pixels around its centre are kept."""
    pixels = np.zeros((50, 100, 3), np.uint8)
    pixels[10:40, 35:65] = 255
    cropped = decode_photo(encode(Image.fromarray(pixels)), 0.6, 30)
    np.testing.assert_array_equal(cropped, 255)
    whole = decode_photo(encode(Image.fromarray(pixels)), 1.0, 50)
    np.testing.assert_array_equal(whole, pixels[:, 25:75])


def test_resizing_antialiases():
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    small = decode_photo(encode(Image.fromarray(stripes)), 1.0, 8)
    assert abs(small[:, 2:-2].astype(float) - 127.5).max() < 10


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", b"GIF89a", b"hello" * 100])
def test_a_damaged_photo_raises(content):
    with pytest.raises((OSError, ValueError, SyntaxError)):
        decode_photo(content, 1.0, 8)


def test_a_truncated_jpeg_raises():
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    content = encode(Image.fromarray(noise), "JPEG")
    with pytest.raises(OSError, match="truncated"):
        decode_photo(content[: len(content) // 2], 1.0, 8)


def test_a_decompression_bomb_is_refused_before_decoding():
    content = encode(Image.new("1", (8, 8)))
    header = b"IHDR" + (40000).to_bytes(4, "big") * 2 + content[24:29]
    huge = content[:12] + header + zlib.crc32(header).to_bytes(4, "big") + content[33:]
    with pytest.raises(Image.DecompressionBombError, match="1600000000 pixels"):
        decode_photo(huge, 1.0, 8)


def heic(image, **options):
    """Returns the bytes of a phone's photo."""
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, quality=95, **options)
    return buffer.getvalue()


def test_phones_photos_are_decoded():
    pixels = decode_photo(heic(quarters()), 1.0, 16)
    np.testing.assert_allclose(corners(pixels), [RED, GREEN, BLUE, WHITE], atol=8)


def test_a_missing_extra_for_phones_photos_is_named(monkeypatch):
    monkeypatch.setattr(photo_decoding, "_extra_formats", tuple)
    # Not a copy of OPEN: Pillow would register its own formats there, once and for this test only.
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)
    with pytest.raises(OSError, match=r"HEIC file, which needs pip install 'tfgan_faces\[heic\]'"):
        decode_photo(heic(quarters()), 1.0, 16)


def test_a_damaged_phones_photo_is_refused():
    with pytest.raises((OSError, ValueError, SyntaxError)):
        decode_photo(heic(quarters())[:300], 1.0, 16)
