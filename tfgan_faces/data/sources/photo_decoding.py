"""Turns the bytes of any photo into a small square RGB image."""

import io

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

# All of Pillow's that are known by their first bytes, that hold pixels, and that it reads itself.
FORMATS = (
    *("JPEG", "PNG", "BMP", "WEBP", "GIF", "TIFF", "AVIF", "JPEG2000", "PPM"),
    *("DDS", "ICNS", "ICO", "PSD", "QOI", "SGI"),
)
_HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftyphevc")


def decode_photo(content, crop, image_size):
    """Decodes, turns upright, crops to the centred square and resizes a photo.

    Args:
        content: bytes of a photo in one of `FORMATS` (of several frames the first), of any
            colour mode. Transparent parts are shown on white.
        crop: side of the square as a fraction of the photo's shorter side, in (0, 1].
        image_size: height and width of the result. Resized bicubically, with antialiasing.

    Returns:
        uint8 array [image_size, image_size, 3].

    Raises:
        OSError, ValueError, SyntaxError or PIL's errors: not a photo that can be read, or one
            of more than 179 million pixels (a decompression bomb, by PIL's rule).
    """
    with _opened(content) as photo:
        # A large JPEG decodes much faster at 1/2, 1/4 or 1/8, still twice what is kept.
        wanted = int(2 * image_size / crop)
        photo.draft("RGB", (wanted, wanted))
        upright = ImageOps.exif_transpose(photo)
        return np.asarray(_square(_to_rgb(upright), crop, image_size))


def _opened(content):
    try:
        return Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as error:  # its own words name an object in memory
        if content[4:12] in _HEIC:
            raise OSError("is a HEIC, which Pillow does not read; save it as a JPEG") from error
        raise OSError("is not a photo that can be read") from error


def _to_rgb(photo):
    if photo.mode == "F":
        raise OSError("holds numbers of any size, not colours")
    if photo.mode.startswith("I"):  # 16 bits a pixel: PIL would clip, not scale
        values = np.clip(np.asarray(photo), 0, 65535)
        photo = Image.fromarray(np.uint8(np.rint(values / 257)))
    if photo.mode in ("RGBA", "LA", "PA") or "transparency" in photo.info:
        photo = photo.convert("RGBA")
        white = Image.new("RGBA", photo.size, "white")
        photo = Image.alpha_composite(white, photo)
    return photo.convert("RGB")


def _square(photo, crop, image_size):
    side = crop * min(photo.size)
    left, top = ((length - side) / 2 for length in photo.size)
    return photo.resize(
        (image_size, image_size),
        Image.Resampling.BICUBIC,
        box=(left, top, left + side, top + side),
    )
