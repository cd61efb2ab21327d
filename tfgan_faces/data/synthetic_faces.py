"""TFDS builder of drawn faces: the data set that needs no files."""

import dataclasses
import functools

import numpy as np
import tensorflow_datasets as tfds

from tfgan_faces.data.face_drawing import draw_attributes, draw_faces
from tfgan_faces.data.face_folder import face_info
from tfgan_faces.data.sharded_builder import Item, ShardedBuilder
from tfgan_faces.data.threads import in_threads

COUNT = 8000
_SEED = 20151113
_BATCH = 8


@dataclasses.dataclass(eq=False)
class SyntheticFacesConfig(tfds.core.BuilderConfig):
    """How many faces of which size.

    Attributes:
        count: number of faces; the first n of a larger set are those of a smaller one.
        image_size: height and width in pixels.
    """

    count: int = COUNT
    image_size: int = 32


class SyntheticFaces(ShardedBuilder):
    """Faces drawn by the program, the same ones always, with their attributes as labels."""

    VERSION = tfds.core.Version("1.1.0")
    progress = "Drawing faces"

    @classmethod
    def of(cls, image_size, data_dir, count=COUNT):
        """Returns the builder of `count` faces."""
        config = SyntheticFacesConfig(
            name=f"{image_size}px-{count}", count=count, image_size=image_size
        )
        return cls(config=config, data_dir=data_dir)

    def _info(self):
        names = face_attributes(0)
        attributes = {
            name: np.int64 if isinstance(value, int) else np.float32
            for name, value in names.items()
        }
        features = {"attributes": tfds.features.FeaturesDict(attributes)}
        return face_info(self, self.builder_config.image_size, features)

    def _items(self, dl_manager):
        del dl_manager
        items = [Item(index, index) for index in range(self.builder_config.count)]
        return items, functools.partial(_examples, image_size=self.builder_config.image_size)


def _examples(items, image_size):
    """Yields `(item, function that returns its example)`, drawn in batches."""
    parts = (items[first : first + _BATCH] for first in range(0, len(items), _BATCH))
    draw = functools.partial(_draw, image_size=image_size)
    for part, outcome in in_threads(draw, ((part, part) for part in parts)):
        for item, example in zip(part, outcome()):
            yield item, lambda example=example: example


def _draw(items, image_size):
    attributes = [face_attributes(item.key) for item in items]
    images = draw_faces(attributes, image_size)
    return [
        {"image": image, "attributes": drawn, "name": str(item.key)}
        for item, image, drawn in zip(items, images, attributes)
    ]


def face_attributes(index):
    """Returns the attributes of face number `index`."""
    return draw_attributes(np.random.default_rng([_SEED, index]))
