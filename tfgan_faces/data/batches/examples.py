"""Reads features of a TFDS builder's records, in the order of the records."""

import numpy as np
import tensorflow_datasets as tfds

from tfgan_faces.data.batches.people import SIDES, held_out


def people_and_names(builder):
    """Returns two lists: the person (folder) and the name of each photo, in record order.

    Drawn faces have no folder, so their person is an empty string.
    """
    records = _examples(builder, _names_of(builder)).as_numpy_iterator()
    people, names = zip(*map(_person_and_name, records))
    return list(people), list(names)


def attributes(builder, share):
    """Returns the attributes of drawn faces: for each side a dict of name to array [count].

    Args:
        builder: prepared TFDS builder.
        share: float, the share of the faces that is held out.
    """
    records = _examples(builder, {"attributes": True}).as_numpy_iterator()
    faces = [example["attributes"] for example in records]
    columns = {name: np.array([face[name] for face in faces]) for name in faces[0]}
    is_held_out = held_out(*people_and_names(builder), share)
    return {
        side: {
            name: column[is_held_out == (side == "held_out")] for name, column in columns.items()
        }
        for side in SIDES
    }


def images(builder, chosen):
    """Yields the chosen images in batches.

    Args:
        builder: prepared TFDS builder.
        chosen: bool array [count].
    """
    start = 0
    for batch in _examples(builder, {"image": True}).batch(512):
        pixels = batch["image"].numpy()
        yield pixels[chosen[start : start + len(pixels)]]
        start += len(pixels)


def images_and_people(builder):
    """Yields the image, person and name of each record."""
    features = {"image": True, **_names_of(builder)}
    for example in _examples(builder, features).as_numpy_iterator():
        yield example["image"], *_person_and_name(example)


def _names_of(builder):
    return {name: True for name in ("label", "name") if name in builder.info.features}


def _person_and_name(example):
    return example.get("label", b"").decode(), example["name"].decode()


def _examples(builder, features):
    """Returns a dataset of the given features of each record, file by file."""
    return builder.as_dataset(
        split="train",
        shuffle_files=False,
        decoders=tfds.decode.PartialDecoding(features),
        # By default, TFDS interleaves the files, so the order would depend on their number.
        read_config=tfds.ReadConfig(interleave_cycle_length=1),
    )
