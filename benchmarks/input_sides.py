"""The path from JPEG files to batches, with the library and with PIL."""

import glob
import itertools
import os
import shutil

import numpy as np
from PIL import Image

SIZE = 64
JPEG_SIZE = 250


def prepare(folder, count, cache):
    """Returns a function that decodes, crops, resizes and stores all photos."""
    import tfgan_faces as tg

    _draw_photos(folder, count)
    data = tg.DataConfig("folder", data_dir=folder, image_size=SIZE, crop=0.6)
    numbers = itertools.count()

    def unit():
        new_cache = f"{cache}_{next(numbers)}"
        tg.read_photos(tg.prepare(data, new_cache))
        shutil.rmtree(new_cache)

    return unit


def prepare_with_pil(folder, count):
    """Returns a function that decodes, crops and resizes all photos in a loop and drops them."""
    _draw_photos(folder, count)
    margin = round(JPEG_SIZE * 0.2)
    box = (margin, margin, JPEG_SIZE - margin, JPEG_SIZE - margin)

    def unit():
        for path in glob.glob(os.path.join(folder, "*.jpg")):
            photo = Image.open(path).convert("RGB").crop(box)
            np.asarray(photo.resize((SIZE, SIZE), Image.Resampling.BICUBIC))

    return unit


def batches(folder, count, cache, number, size):
    """Returns a function that reads `number` batches of prepared photos."""
    import tfgan_faces as tg

    photos = tg.read_photos(_prepared(folder, count, cache))
    return _batch_reader(tg.batches(photos, size, seed=0), number)


def streamed_batches(folder, count, cache, number, size):
    """Returns a function that reads `number` batches from the records of prepared photos."""
    from tfgan_faces.data.batches import streaming
    from tfgan_faces.data.batches.record_photos import read_records

    photos = read_records(_prepared(folder, count, cache))
    return _batch_reader(streaming.batches(photos, size, seed=0), number)


def _batch_reader(batches, number):
    iterator = iter(batches)

    def unit():
        for batch in itertools.islice(iterator, number):
            batch.numpy()

    return unit


def training(folder, count, cache, precision, threads, size):
    """Returns a function that runs one training step of the exercise on prepared photos."""
    import tfgan_faces as tg
    from benchmarks.tensorflow_training import trainer_step, use_threads

    use_threads(threads)
    photos = tg.read_photos(_prepared(folder, count, cache))
    iterator = iter(tg.batches(photos, size, seed=0))
    networks = (
        tg.build_generator("exercise", SIZE, precision=precision),
        tg.build_discriminator("exercise", SIZE, precision=precision),
    )
    return trainer_step(*networks, size, iterator)


def _prepared(folder, count, cache):
    import tfgan_faces as tg

    _draw_photos(folder, count)
    data = tg.DataConfig("folder", data_dir=folder, image_size=SIZE, crop=0.6)
    return tg.prepare(data, cache)


def _draw_photos(folder, count):
    """Writes drawn faces as JPEG files, unless the folder exists."""
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
