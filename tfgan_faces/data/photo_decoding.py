"""Turns the bytes of any photo into a small square RGB image."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps


def decode_photo(content, crop, image_size):
    """Decodes, turns upright, crops to the centred square and resizes a photo.

    Args:
        content: bytes of a JPEG, PNG, BMP, WebP or GIF (its first frame) of any colour
            mode. Transparent parts are shown on white.
        crop: side of the square as a fraction of the photo's shorter side, in (0, 1].
        image_size: height and width of the result. Resized bicubically, with antialiasing.

    Returns:
        uint8 array [image_size, image_size, 3].

    Raises:
        OSError, ValueError, SyntaxError or PIL's errors: not a photo that can be read.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)  # broken metadata of a readable photo
        with Image.open(io.BytesIO(content)) as photo:
            # A large JPEG decodes much faster at 1/2, 1/4 or 1/8, still twice what is kept.
            wanted = int(2 * image_size / crop)
            photo.draft("RGB", (wanted, wanted))
            upright = ImageOps.exif_transpose(photo)
            return np.asarray(_square(_to_rgb(upright), crop, image_size))


def _to_rgb(photo):
    if photo.mode.startswith(("I", "F")):  # 16 or 32 bits a pixel: PIL would clip, not scale
        values = np.asarray(photo, np.float32)
        photo = Image.fromarray(np.uint8(values / max(float(values.max()), 1.0) * 255))
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
