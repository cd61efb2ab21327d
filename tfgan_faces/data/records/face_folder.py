"""TFDS builder for the photos in a folder or archive."""

import dataclasses
import functools
import os
import warnings
from pathlib import PurePath

import numpy as np
import tensorflow_datasets as tfds

from tfgan_faces.data.records.sharded_builder import Item, ShardedBuilder
from tfgan_faces.data.sources.face_cutting import FaceCutting
from tfgan_faces.data.sources.patient_reading import read_patiently
from tfgan_faces.data.sources.photo_decoding import decode_photo
from tfgan_faces.data.sources.photo_sources import fingerprint, open_source
from tfgan_faces.errors import UserError
from tfgan_faces.machine.threads import in_threads


@dataclasses.dataclass(eq=False)
class FaceFolderConfig(tfds.core.BuilderConfig):
    """Configuration: a folder or archive of photos, and how to decode them.

    Attributes:
        source: path of the folder or archive.
        crop: see `decode_photo`.
        image_size: see `decode_photo`.
        cutting: `FaceCutting` that finds the faces, or None to take the middle of each photo.
    """

    source: str = ""
    crop: float = 1.0
    image_size: int = 32
    cutting: FaceCutting | None = None


class FaceFolder(ShardedBuilder):
    """Small square images of all readable photos, with their folder's name as label.

    Unreadable photos are skipped. `info.metadata["skipped"]`, which is stored in a JSON file in
    the records' folder, lists them with the reasons.
    """

    VERSION = tfds.core.Version("1.1.0")
    progress = "Preparing photos"

    @classmethod
    def of(cls, source, crop, image_size, data_dir, cutting=None):
        """Returns the builder for the photos that are currently at `source`.

        The name of the records' folder depends on the path, size and modification time of every
        file and on the settings, so that a changed folder is prepared again.
        """
        settings = (crop, image_size, *([cutting] if cutting else []))
        name = f"{image_size}px-{fingerprint(open_source(source), *settings)}"
        config = FaceFolderConfig(
            name=name, source=source, crop=crop, image_size=image_size, cutting=cutting
        )
        return cls(config=config, data_dir=data_dir)

    def _info(self):
        return face_info(self, self.builder_config.image_size, {"label": tfds.features.Text()})

    def _source(self, dl_manager):
        del dl_manager  # nothing to download
        return open_source(self.builder_config.source)

    def _items(self, dl_manager):
        source = self._source(dl_manager).seekable(str(self._copies))
        items = [
            Item(index, printable(photo.name), photo)
            for index, photo in enumerate(_refuse_duplicates(source.photos()))
        ]
        config = self.builder_config
        images_of = cutter(config.cutting, config.crop, config.image_size)
        return items, functools.partial(_examples, source=source, images_of=images_of)

    def _no_records_error(self, skipped):
        return UserError(_no_photos_message(self.builder_config.source, skipped))


def _refuse_duplicates(photos):
    """Yields the photos, and refuses photos whose name occurred before."""
    seen = set()
    for photo in photos:
        is_duplicate = photo.name in seen
        seen.add(photo.name)
        yield photo._replace(refusal="appears twice in the archive") if is_duplicate else photo


def cutter(cutting, crop, image_size):
    """Returns the function from the bytes of a photo to the list of its images.

    Args:
        cutting, crop, image_size: see `FaceFolderConfig`.
    """
    return cutting or functools.partial(_middle, crop=crop, image_size=image_size)


def _middle(content, crop, image_size):
    return [decode_photo(content, crop, image_size)]


def _examples(items, source, images_of):
    """Yields `(item, function that returns its examples or raises)`."""
    # PIL warns about large photos and damaged metadata. The filter applies to all threads.
    warnings.filterwarnings("ignore", module="PIL")
    with source.reader() as read:

        def decode(item):
            images = images_of(read_patiently(read, item.content))
            person = printable(PurePath(item.content.name).parent.name)
            return [
                {"image": image, "label": person, "name": _numbered(item.key, number)}
                for number, image in enumerate(images, 1)
            ]

        yield from in_threads(decode, ((item, item) for item in items), source.threads)


def _numbered(name, number):
    """Returns the name of a photo's face; that of the first is the photo's."""
    return name if number == 1 else f"{name}#{number}"


def face_info(builder, image_size, features):
    """Returns the `DatasetInfo` of square RGB images, their names, and additional features."""
    image = tfds.features.Tensor(
        shape=(image_size, image_size, 3),
        dtype=np.uint8,
        encoding=tfds.features.Encoding.BYTES,  # by default, every byte becomes an int64
    )
    return tfds.core.DatasetInfo(
        builder=builder,
        description=builder.__doc__,
        features=tfds.features.FeaturesDict(
            {"image": image, "name": tfds.features.Text(), **features}
        ),
        metadata=tfds.core.MetadataDict(),
    )


def printable(name):
    """Returns a file name as valid Unicode text; invalid bytes are escaped."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def _no_photos_message(path, skipped):
    if not skipped:
        return f"--data_dir: there are no files in {path}."
    first = skipped[0]
    return (
        f"--data_dir: none of the {len(skipped)} files in {path} is a readable photo. "
        f"The first file, {first['file']}: {first['reason']}."
    )
