"""TFDS builder of Labeled Faces in the Wild, fetched from a public mirror."""

import tensorflow_datasets as tfds

from tfgan_faces.data.face_folder import FaceFolder, FaceFolderConfig

# scikit-learn's mirror of lfw-funneled.tgz; size and SHA-256 stand in checksums.tsv.
URL = "https://ndownloader.figshare.com/files/5976015"


class Lfw(FaceFolder):
    """13,233 photos of 5,749 people, aligned by funneling, from a checked download.

    Reference:
        [Huang et al., 2007](http://vis-www.cs.umass.edu/lfw/), UMass Amherst 07-49.
    """

    VERSION = tfds.core.Version("1.0.0")

    @classmethod
    def of(cls, crop, image_size, data_dir):
        """Returns the builder of the whole set."""
        config = FaceFolderConfig(
            name=f"{image_size}px-crop{crop:g}", source=URL, crop=crop, image_size=image_size
        )
        return cls(config=config, data_dir=data_dir)

    def _split_generators(self, dl_manager):
        # `extract` would unpack it; the archive is read as a stream instead.
        return {"train": self._generate_examples(str(dl_manager.download(URL)))}
