"""TFDS builder for Labeled Faces in the Wild, downloaded from a public mirror."""

import logging

import tensorflow_datasets as tfds

from tfgan_faces.data.records.face_folder import FaceFolder, FaceFolderConfig
from tfgan_faces.data.sources.archives import TarSource
from tfgan_faces.errors import UserError

_logger = logging.getLogger(__name__)

# lfw-funneled.tgz at scikit-learn's mirror and at the authors' site. Both have the same size and
# SHA-256, which checksums.tsv contains.
URLS = (
    "https://ndownloader.figshare.com/files/5976015",
    "http://vis-www.cs.umass.edu/lfw/lfw-funneled.tgz",
)


class Lfw(FaceFolder):
    """13,233 photos of 5,749 people, aligned by funneling, from a verified download.

    Reference:
        [Huang et al., 2007](http://vis-www.cs.umass.edu/lfw/), UMass Amherst 07-49.
    """

    VERSION = tfds.core.Version("1.1.0")

    @classmethod
    def of(cls, crop, image_size, data_dir, cutting=None):
        """Returns the builder for the full data set."""
        name = f"{image_size}px-crop{crop:g}"
        if cutting:
            name += f"-{cutting.faces}{cutting.min_face}"
        config = FaceFolderConfig(
            name=name, source=URLS[0], crop=crop, image_size=image_size, cutting=cutting
        )
        return cls(config=config, data_dir=data_dir)

    def _source(self, dl_manager):
        return TarSource(_download(dl_manager))


def _download(dl_manager):
    """Downloads the archive from the first mirror that provides a valid one; returns its path."""
    for url in URLS:
        _logger.info("Downloading LFW (243 MB) from %s", url)
        try:
            return str(dl_manager.download(url))
        except Exception as error:  # network and checksum errors have many types
            failure = (str(error).splitlines() or [type(error).__name__])[0]
    raise UserError(
        f"LFW could not be downloaded ({failure}). Without network access, pass the archive with "
        "--dataset=lfw --data_dir=PATH."
    )
