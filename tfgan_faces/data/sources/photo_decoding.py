"""Decodes photos of any format into small square RGB images."""

import functools
import importlib.util
import io

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

# The raster formats that Pillow identifies by their first bytes and decodes without other tools.
FORMATS = (
    *("JPEG", "PNG", "BMP", "WEBP", "GIF", "TIFF", "AVIF", "JPEG2000", "PPM"),
    *("DDS", "ICNS", "ICO", "PSD", "QOI", "SGI"),
)
# The first bytes of phones' photos. Pillow decodes them with the extra `heic` (`pillow-heif`).
_HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftyphevc")

NEEDS_HEIC = "is a HEIC file, which needs pip install 'tfgan_faces[heic]'"


def decode_photo(content, crop, image_size):
    """Decodes a photo, rotates it upright, crops it to the centred square and resizes it.

    Args:
        content: bytes of a photo in one of `FORMATS` or in HEIC, of any colour mode. The first of
            several frames is used. Transparent parts are shown on white.
        crop: side of the square as a fraction of the photo's shorter side, in (0, 1].
        image_size: height and width of the result. The photo is resized by bicubic
            interpolation with antialiasing.

    Returns:
        uint8 array [image_size, image_size, 3].

    Raises:
        OSError, ValueError, SyntaxError or PIL's errors: the photo cannot be read, or has more
            than 179 million pixels (PIL's limit for decompression bombs).
    """
    with _open(content) as photo:
        # A large JPEG decodes much faster at 1/2, 1/4 or 1/8 of its size. The decoded size is
        # at least twice the final one.
        draft_size = int(2 * image_size / crop)
        photo.draft("RGB", (draft_size, draft_size))
        upright = _to_rgb(ImageOps.exif_transpose(photo))
        return np.asarray(_crop_and_resize(upright, crop, image_size))


def open_upright(content, size=None):
    """Decodes a whole photo and rotates it upright.

    Args:
        content: see `decode_photo`.
        size: pair of ints, or None. A JPEG is decoded at 1/2, 1/4 or 1/8 of its width and height,
            as long as both are at least this large; at its full size if None.

    Returns:
        Uint8 array [height, width, 3], and the factor by which it is smaller than the photo.

    Raises:
        As `decode_photo`.
    """
    with _open(content) as photo:
        width = photo.width
        if size:
            photo.draft("RGB", size)
        reduction = width / photo.width  # before the photo is turned
        return np.array(_to_rgb(ImageOps.exif_transpose(photo))), reduction


def _open(content):
    try:
        return Image.open(io.BytesIO(content), formats=(*FORMATS, *_extra_formats()))
    except UnidentifiedImageError as error:  # Pillow's message names an object in memory
        if content[4:12] in _HEIC:
            raise OSError("is a damaged HEIC file" if reads_heic() else NEEDS_HEIC) from error
        raise OSError("is not a photo that can be read") from error


def reads_heic():
    """Whether the extra that reads HEIC is installed."""
    return bool(_extra_formats())


@functools.cache
def _extra_formats():
    """Returns the formats that Pillow reads with installed extras."""
    if not importlib.util.find_spec("pillow_heif"):
        return ()
    import pillow_heif

    pillow_heif.register_heif_opener()
    return ("HEIF",)


def _to_rgb(photo):
    if photo.mode == "F":
        raise OSError("contains floating-point numbers, not colours")
    if photo.mode.startswith("I"):  # 16 bits per pixel, which PIL would clip, not scale
        values = np.clip(np.asarray(photo), 0, 65535)
        photo = Image.fromarray(np.uint8(np.rint(values / 257)))
    if photo.mode in ("RGBA", "LA", "PA") or "transparency" in photo.info:
        photo = photo.convert("RGBA")
        white = Image.new("RGBA", photo.size, "white")
        photo = Image.alpha_composite(white, photo)
    return photo.convert("RGB")


def _crop_and_resize(photo, crop, image_size):
    side = crop * min(photo.size)
    left, top = ((length - side) / 2 for length in photo.size)
    return photo.resize(
        (image_size, image_size),
        Image.Resampling.BICUBIC,
        box=(left, top, left + side, top + side),
    )
