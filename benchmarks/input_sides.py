"""The library's way from JPEG files to batches, and PIL's."""

import glob
import itertools
import os
import shutil

import numpy as np
from PIL import Image

SIZE = 64
JPEG_SIZE = 250


def prepare(folder, count, cache):
    """Returns a function that decodes, crops and resizes all photos and stores them."""
    import tfgan_faces as tg

    _draw_photos(folder, count)
    data = tg.DataConfig("folder", data_dir=folder, image_size=SIZE, crop=0.6)
    fresh = itertools.count()

    def unit():
        own = f"{cache}_{next(fresh)}"
        tg.read_photos(tg.prepare(data, own))
        shutil.rmtree(own)

    return unit


def prepare_with_pil(folder, count):
    """Returns a function that decodes, crops and resizes them in a plain loop, keeping none."""
    _draw_photos(folder, count)
    margin = round(JPEG_SIZE * 0.2)
    box = (margin, margin, JPEG_SIZE - margin, JPEG_SIZE - margin)

    def unit():
        for path in glob.glob(os.path.join(folder, "*.jpg")):
            photo = Image.open(path).convert("RGB").crop(box)
            np.asarray(photo.resize((SIZE, SIZE), Image.Resampling.BICUBIC))

    return unit


def batches(folder, count, cache, number, size):
    """Returns a function that takes `number` batches out of the prepared photos."""
    import tfgan_faces as tg

    return _taking(
        tg.batches(tg.read_photos(_prepared(folder, count, cache)), size, seed=0), number
    )


def streamed_batches(folder, count, cache, number, size):
    """Returns a function that takes `number` batches out of their records."""
    from tfgan_faces.data.batches import streaming
    from tfgan_faces.data.batches.record_photos import read_records

    photos = read_records(_prepared(folder, count, cache))
    return _taking(streaming.batches(photos, size, seed=0), number)


def _taking(batches, number):
    endless = iter(batches)

    def unit():
        for batch in itertools.islice(endless, number):
            batch.numpy()

    return unit


def training(folder, count, cache, precision, threads, size):
    """Returns a function that does one step of the exercise on the prepared photos."""
    import tfgan_faces as tg
    from benchmarks.tensorflow_training import trainer_step, use_threads

    use_threads(threads)
    photos = tg.read_photos(_prepared(folder, count, cache))
    endless = iter(tg.batches(photos, size, seed=0))
    pair = (
        tg.build_generator("exercise", SIZE, precision=precision),
        tg.build_discriminator("exercise", SIZE, precision=precision),
    )
    return trainer_step(*pair, size, endless)


def _prepared(folder, count, cache):
    import tfgan_faces as tg

    _draw_photos(folder, count)
    data = tg.DataConfig("folder", data_dir=folder, image_size=SIZE, crop=0.6)
    return tg.prepare(data, cache)


def _draw_photos(folder, count):
    """Writes drawn faces as JPEG files, once."""
    from tfgan_faces.data.records.face_drawing import draw_faces
    from tfgan_faces.data.records.synthetic_faces import face_attributes

    if os.path.isdir(folder):
        return
    os.makedirs(folder)
    for first in range(0, count, 50):
        numbers = range(first, min(first + 50, count))
        faces = draw_faces([face_attributes(number) for number in numbers], SIZE)
        for number, face in zip(numbers, faces):
            large = Image.fromarray(face).resize((JPEG_SIZE, JPEG_SIZE), Image.Resampling.BICUBIC)
            large.save(os.path.join(folder, f"{number:06d}.jpg"), quality=90)
