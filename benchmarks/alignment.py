"""Measures how well and how fast faces are found and aligned, on LFW photos moved in known ways.

    python -m benchmarks.alignment LFW_ARCHIVE [--count=1000]

Each photo is rotated by up to 30 degrees, scaled by 0.5 to 2 and pasted at a random place, partly
beyond the edge if it is large, into a picture of 640x480 pixels. The error of an eye is the
distance between the places to which the alignments of the picture and of the photo bring it. The
difference to LFW's framing is the distance between an eye in the aligned photo and in the photo
itself, cropped alike. Both are fractions of the width of the face.
"""

import argparse
import io
import itertools
import time

import numpy as np
from PIL import Image

from benchmarks.measuring import describe_machine, thread_count
from tfgan_faces.data.sources.face_cutting import FaceCutting
from tfgan_faces.data.sources.photo_sources import open_source
from tfgan_faces.faces.alignment import alignment
from tfgan_faces.machine.threads import in_threads

_CROP, _SIZE = 0.6, 128
_OTHER_PERSON = 0.2
_LFW_SIDE, _FACE = 250, 0.37  # pixels; width of the face as a fraction of the side
_WIDTH, _HEIGHT = 640, 480


def main():
    """Prints the errors, the share of faces found and the rate."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", help="the LFW archive (lfw-deepfunneled.tgz)")
    parser.add_argument("--count", type=int, default=1000, help="photos to take")
    options = parser.parse_args()
    print(", ".join(f"{key}: {value}" for key, value in describe_machine().items()))
    members = open_source(options.archive).members()
    contents = (read() for photo, read in members if not photo.refusal)
    # Every tenth photo, because the archive is sorted by name.
    photos = list(itertools.islice(contents, 0, 10 * options.count, 10))
    rng = np.random.default_rng(0)
    moved, moves = zip(*(_moved(photo, rng) for photo in photos))
    cut = FaceCutting(_CROP, _SIZE, min_face=20)
    begin = time.perf_counter()
    found = [outcome is not None for outcome in _results(cut, moved)]
    rate = len(moved) / (time.perf_counter() - begin)
    errors, differences = [], []
    for own, other, move in zip(_results(cut.find, photos), _results(cut.find, moved), moves):
        if own is None or other is None:
            continue
        landmarks, width = own[1][0], _FACE * len(own[0])
        matrices = [alignment(places[0], _CROP, _SIZE) for _, places, _ in (own, other)]
        eyes = landmarks[:2]
        in_own, in_other = _apply(matrices[0], eyes), _apply(matrices[1], _apply(move, eyes))
        scale = np.hypot(*matrices[0][:, 0])
        errors.append(np.linalg.norm(in_own - in_other, axis=1).mean() / (width * scale))
        framed = ((eyes / len(own[0]) - 0.5) / _CROP + 0.5) * _SIZE
        differences.append(np.linalg.norm(in_own - framed, axis=1).mean() / (width * scale))
    print(f"photos of {_WIDTH}x{_HEIGHT} pixels per second, {thread_count()} threads: {rate:.0f}")
    print(f"faces found: {np.mean(found):.1%} of {len(photos):,}")
    print(f"mean error of the eyes after the move: {np.mean(errors):.2%}")
    # An error this large means that another person in the photo was taken.
    same = [error for error in errors if error <= _OTHER_PERSON]
    print(f"the same person: {len(same) / len(errors):.1%}; mean of these: {np.mean(same):.2%}")
    print(f"mean difference of the eyes to LFW's framing: {np.mean(differences):.2%}")


def _apply(matrix, points):
    return points @ matrix[:, :2].T + matrix[:, 2]


def _moved(content, rng):
    """Returns the bytes of a picture with a photo that is rotated, scaled and pasted into it.

    Also returns the matrix [2, 3] from places in the photo to places in the picture.
    """
    photo = Image.open(io.BytesIO(content)).convert("RGB")
    scale, angle = rng.uniform(0.5, 2.0), rng.uniform(-30.0, 30.0)
    side = round(photo.width * scale)
    photo = photo.resize((side, side), Image.Resampling.BICUBIC).convert("RGBA")
    photo = photo.rotate(angle, Image.Resampling.BICUBIC)
    picture = Image.new("RGB", (_WIDTH, _HEIGHT), (96, 110, 120))
    # The middle half of the photo, which contains the face, is always within the picture.
    places = [
        int(rng.uniform(-side / 4, length - 3 * side / 4))
        if length > side / 2
        else (length - side) // 2
        for length in picture.size
    ]
    picture.paste(photo, tuple(places), photo)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=90)
    turn = np.radians(-angle)  # Pillow turns counterclockwise; here, y points down
    turn = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle = np.array(places) + side / 2
    move = np.column_stack([turn, middle - turn @ (_LFW_SIDE / 2, _LFW_SIDE / 2)])
    return buffer.getvalue(), move


def _results(function, contents):
    """Yields the results for photos, None for those without a face."""
    for _, outcome in in_threads(function, enumerate(contents)):
        try:
            yield outcome()
        except OSError:
            yield None


if __name__ == "__main__":
    main()
