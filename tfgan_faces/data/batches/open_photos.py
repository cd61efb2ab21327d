"""Opens prepared photos with the reader that suits where they are stored."""

import os
import re
import weakref

import numpy as np

from tfgan_faces.arguments import check_choice
from tfgan_faces.config.defaults import HELD_OUT
from tfgan_faces.data.batches import examples
from tfgan_faces.data.batches.people import SIDES, file_name, held_out
from tfgan_faces.data.batches.photo_file import PhotoFile, write_photo_file
from tfgan_faces.data.batches.photos_in_memory import PhotosInMemory
from tfgan_faces.data.batches.record_photos import read_records
from tfgan_faces.storage.locking import locked
from tfgan_faces.storage.paths import is_remote

# The temporary file names of `write_photo_file`.
_LEFTOVER = re.compile(rf"({'|'.join(SIDES)})(-[0-9.e-]+)?\.rgb\.[0-9]+")
# Builder to decoded images with their people and names.
_in_memory = weakref.WeakKeyDictionary()


def open_photos(builder, cache, share):
    """Returns the photos of training and of held-out people, a pair of `Photos`.

    Args:
        builder: prepared TFDS builder.
        cache: `"memory"` for random access to decoded photos, or `"none"` to stream photos
            from the records.
        share: float, the share of the people that is held out.
    """
    read = read_records if cache == "none" else read_photos
    return tuple(read(builder, side, share) for side in SIDES)


def choose_cache(photos_bytes, memory_bytes):
    """Returns the cache to use and the reason for it.

    The cache is `"memory"` if the photos fit into half of the memory, else `"none"`.

    Args:
        photos_bytes: int, size of all decoded photos.
        memory_bytes: int, size of the machine's memory.
    """
    reason = (
        f"the decoded photos take {photos_bytes / 2**20:,.0f} MiB and the machine has "
        f"{memory_bytes / 2**20:,.0f} MiB"
    )
    return ("memory" if photos_bytes <= memory_bytes / 2 else "none"), reason


def read_photos(builder, people="training", share=HELD_OUT):
    """Returns prepared photos of a TFDS builder, decoded for random access.

    The first call decodes the records into files in the same folder. Records in an object
    store are decoded into memory, once per builder. A share of the people is held out to
    evaluate generators.

    Args:
        builder: prepared TFDS builder.
        people: `"training"` or `"held_out"`.
        share: float above 0 and at most 0.5, the share of the people that is held out. Give the
            `config.data.held_out` of a run to get its photos.

    Returns:
        `PhotoFile` or `PhotosInMemory`, in the order of the records.
    """
    check_choice(people, SIDES, "people")
    folder = str(builder.data_path)
    if is_remote(folder):
        images, names = _decoded(builder)
        is_held_out = held_out(*names, share)
        return PhotosInMemory(images, np.flatnonzero(is_held_out == (people == "held_out")))
    paths = {side: os.path.join(folder, f"{file_name(side, share)}.rgb") for side in SIDES}
    size, count = builder.info.features["image"].shape[0], builder.info.metadata["photos"]
    if not _are_written(paths.values(), count * size**2 * 3):
        with locked(os.path.join(folder, ".rgb.lock")):
            if not _are_written(paths.values(), count * size**2 * 3):
                _write_sides(builder, paths, share)
    return PhotoFile(paths[people], size)


def _are_written(paths, size):
    written = [os.path.getsize(path) for path in paths if os.path.exists(path)]
    return len(written) == len(SIDES) and sum(written) == size


def _write_sides(builder, paths, share):
    for name in os.listdir(builder.data_path):
        if _LEFTOVER.fullmatch(name):  # from a killed process, as this one holds the lock
            os.remove(os.path.join(builder.data_path, name))
    is_held_out = held_out(*examples.people_and_names(builder), share)
    for side, path in paths.items():
        write_photo_file(path, examples.images(builder, is_held_out == (side == "held_out")))


def _decoded(builder):
    """Returns all images in record order, and their people and names."""
    if builder not in _in_memory:
        size, count = builder.info.features["image"].shape[0], builder.info.metadata["photos"]
        images, people = np.empty((count, size, size, 3), np.uint8), []
        for row, (image, *person) in zip(images, examples.images_and_people(builder)):
            row[:] = image
            people.append(person)
        _in_memory[builder] = images, list(zip(*people))
    return _in_memory[builder]
