"""TFDS builder of drawn faces: the data set that needs no files."""

import dataclasses

import numpy as np
import tensorflow_datasets as tfds

from tfgan_faces.data.face_drawing import draw_attributes, draw_faces
from tfgan_faces.data.face_folder import face_info
from tfgan_faces.data.threads import in_threads
from tfgan_faces.progress import progress_bar

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


class SyntheticFaces(tfds.core.GeneratorBasedBuilder):
    """Faces drawn by the program, the same ones always, with their attributes as labels."""

    VERSION = tfds.core.Version("1.1.0")

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

    def _split_generators(self, dl_manager):
        del dl_manager
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        count, size = self.builder_config.count, self.builder_config.image_size
        bar = progress_bar(desc="Drawing faces", total=count, unit=" faces")
        firsts = (
            (first, range(first, min(first + _BATCH, count))) for first in range(0, count, _BATCH)
        )
        for first, outcome in in_threads(lambda indices: _draw(indices, size), firsts):
            for index, example in enumerate(outcome(), first):
                yield index, {**example, "name": str(index)}
                bar.update()
        bar.close()
        self.info.metadata.update(photos=count, skipped=[])


def _draw(indices, size):
    attributes = [face_attributes(index) for index in indices]
    images = draw_faces(attributes, size)
    return [{"image": image, "attributes": drawn} for image, drawn in zip(images, attributes)]


def face_attributes(index):
    """Returns the attributes of face number `index`."""
    return draw_attributes(np.random.default_rng([_SEED, index]))
