"""TFDS builder for drawn faces, a data set without input files."""

import dataclasses
import functools

import numpy as np
import tensorflow_datasets as tfds

from tfgan_faces.data.records.face_attributes import draw_attributes
from tfgan_faces.data.records.face_drawing import LARGE_FEATURES, SMALL_FEATURES, Style, draw_faces
from tfgan_faces.data.records.face_folder import face_info
from tfgan_faces.data.records.sharded_builder import Item, ShardedBuilder
from tfgan_faces.machine.threads import in_threads

COUNT = 8000
# Data set name to style. `synthetic` is the style of versions up to 0.6.
STYLES = {"drawn": LARGE_FEATURES, "synthetic": SMALL_FEATURES}
_SEED = 20151113
_BATCH = 8


@dataclasses.dataclass(eq=False)
class SyntheticFacesConfig(tfds.core.BuilderConfig):
    """Configuration: number, size and style of the faces.

    Attributes:
        count: number of faces; the first n faces are the same for any count.
        image_size: height and width in pixels.
        style: `Style`.
    """

    count: int = COUNT
    image_size: int = 32
    style: Style = SMALL_FEATURES


class SyntheticFaces(ShardedBuilder):
    """Reproducible faces drawn by the program, with their attributes as labels."""

    VERSION = tfds.core.Version("1.1.0")
    progress = "Drawing faces"

    @classmethod
    def of(cls, image_size, data_dir, count=COUNT, dataset="synthetic"):
        """Returns the builder for `count` faces of a data set, a key of `STYLES`."""
        suffix = "" if dataset == "synthetic" else f"-{dataset}"
        config = SyntheticFacesConfig(
            name=f"{image_size}px-{count}{suffix}",
            count=count,
            image_size=image_size,
            style=STYLES[dataset],
        )
        return cls(config=config, data_dir=data_dir)

    def _info(self):
        dtypes = {
            name: np.int64 if isinstance(value, int) else np.float32
            for name, value in face_attributes(0).items()
        }
        features = {"attributes": tfds.features.FeaturesDict(dtypes)}
        return face_info(self, self.builder_config.image_size, features)

    def _items(self, dl_manager):
        del dl_manager
        items = [Item(index, index) for index in range(self.builder_config.count)]
        config = self.builder_config
        return items, functools.partial(_examples, image_size=config.image_size, style=config.style)


def _examples(items, image_size, style):
    """Yields `(item, function that returns its examples)`, one for each, drawn in batches."""
    batches = (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
    draw = functools.partial(_draw, image_size=image_size, style=style)
    for batch, get_examples in in_threads(draw, ((batch, batch) for batch in batches)):
        for item, example in zip(batch, get_examples()):
            yield item, lambda example=example: [example]


def _draw(items, image_size, style):
    attributes = [face_attributes(item.key) for item in items]
    images = draw_faces(attributes, image_size, style)
    return [
        {"image": image, "attributes": drawn, "name": str(item.key)}
        for item, image, drawn in zip(items, images, attributes)
    ]


def face_attributes(index):
    """Returns the attributes of face number `index`."""
    return draw_attributes(np.random.default_rng([_SEED, index]))
