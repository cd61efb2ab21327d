"""Makes an album of pictures with generated faces, to try `--align=faces` without photos of people.

    python -m benchmarks.album docs/recipes/light.png ALBUM_FOLDER

The faces of a grid of 8x8 are enlarged, turned and pasted at random places into pictures of
640x480 pixels. Every tenth picture has none.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

_WIDTH, _HEIGHT, _COLUMNS = 640, 480, 8


def main():
    """Writes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("grid", help="a picture of 8x8 faces")
    parser.add_argument("album", help="folder to write")
    options = parser.parse_args()
    folder, rng = Path(options.album), np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    grid = Image.open(options.grid).convert("RGB")
    side = grid.width // _COLUMNS
    for number in range(_COLUMNS**2):
        top, left = (side * place for place in divmod(number, _COLUMNS))
        face = grid.crop((left, top, left + side, top + side))
        picture = _background(rng)
        if number % 10:
            _paste(picture, face, rng)
        picture.save(folder / f"IMG_{number:04d}.JPG", quality=92)


def _background(rng):
    """Returns a picture of blurred rectangles."""
    colors = rng.integers(40, 220, (6, 8, 3), np.uint8)
    large = Image.fromarray(colors).resize((_WIDTH, _HEIGHT), Image.Resampling.NEAREST)
    return large.filter(ImageFilter.GaussianBlur(50))


def _paste(picture, face, rng):
    side, angle = int(rng.uniform(160, 400)), rng.uniform(-30, 30)
    face = face.resize((side, side), Image.Resampling.BICUBIC).convert("RGBA")
    face = face.rotate(angle, Image.Resampling.BICUBIC)
    place = [int(rng.uniform(0, length - side)) for length in picture.size]
    picture.paste(face, tuple(place), face)


if __name__ == "__main__":
    main()
