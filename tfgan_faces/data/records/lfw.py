"""TFDS builder of Labeled Faces in the Wild, fetched from a public mirror."""

import logging

import tensorflow_datasets as tfds

from tfgan_faces.data.records.face_folder import FaceFolder, FaceFolderConfig
from tfgan_faces.data.sources.archives import TarSource
from tfgan_faces.errors import UserError

_logger = logging.getLogger(__name__)

# lfw-funneled.tgz at scikit-learn's mirror and at its authors'; size and SHA-256 of both, the
# same ones, stand in checksums.tsv.
URLS = (
    "https://ndownloader.figshare.com/files/5976015",
    "http://vis-www.cs.umass.edu/lfw/lfw-funneled.tgz",
)


class Lfw(FaceFolder):
    """13,233 photos of 5,749 people, aligned by funneling, from a checked download.

    Reference:
        [Huang et al., 2007](http://vis-www.cs.umass.edu/lfw/), UMass Amherst 07-49.
    """

    VERSION = tfds.core.Version("1.1.0")

    @classmethod
    def of(cls, crop, image_size, data_dir):
        """Returns the builder of the whole set."""
        config = FaceFolderConfig(
            name=f"{image_size}px-crop{crop:g}", source=URLS[0], crop=crop, image_size=image_size
        )
        return cls(config=config, data_dir=data_dir)

    def _source(self, dl_manager):
        return TarSource(_fetched(dl_manager))


def _fetched(dl_manager):
    """Returns the path of the archive, from the first mirror that gives the right one."""
    for url in URLS:
        _logger.info("Fetching LFW, 243 MB, from %s", url)
        try:
            return str(dl_manager.download(url))
        except Exception as error:  # networks fail in a dozen ways, checksums in another
            failure = (str(error).splitlines() or [type(error).__name__])[0]
    raise UserError(
        f"LFW could not be downloaded ({failure}); where there is no network, "
        "pass the archive with --dataset=lfw --data_dir=PATH."
    )
