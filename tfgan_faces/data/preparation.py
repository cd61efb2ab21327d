"""From settings to prepared records: the one door to the data."""

import logging

import tensorflow_datasets as tfds

from tfgan_faces.data.face_folder import FaceFolder
from tfgan_faces.data.lfw import URL, Lfw
from tfgan_faces.data.synthetic_faces import SyntheticFaces
from tfgan_faces.errors import UserError

_logger = logging.getLogger(__name__)


def build(data, cache_dir):
    """Returns the TFDS builder of the photos that `data`, a resolved `DataConfig`, names.

    Raises:
        UserError: there is no such folder or archive.
    """
    _quiet()
    if data.dataset == "synthetic":
        return SyntheticFaces.of(data.image_size, cache_dir)
    if data.data_dir is None:
        return Lfw.of(data.crop, data.image_size, cache_dir)
    return FaceFolder.of(data.data_dir, data.crop, data.image_size, cache_dir)


def prepare(data, cache_dir):
    """Decodes, crops and resizes all photos once; unchanged ones are not prepared again.

    Args:
        data: resolved `DataConfig`.
        cache_dir: folder of the records.

    Returns:
        The prepared builder; `builder.data_path` is the records' folder, and
        `builder.info.metadata` tells how many photos it holds and which were skipped.

    Raises:
        UserError: there are no photos, or they cannot be downloaded.
    """
    builder = build(data, cache_dir)
    if isinstance(builder, Lfw) and not builder.is_prepared():
        _logger.info("Fetching LFW, 243 MB, from %s", URL)
    try:
        builder.download_and_prepare()
    except UserError:
        raise
    except (OSError, tfds.download.DownloadError) as error:
        if isinstance(builder, Lfw):
            raise UserError(
                f"LFW could not be downloaded ({_first_line(error)}); where there is no network, "
                "pass the archive with --dataset=lfw --data_dir=PATH."
            ) from error
        raise UserError(f"--cache_dir: cannot prepare the photos: {_first_line(error)}.") from error
    return builder


def _quiet():
    """TFDS logs and draws bars for its every stage; the builders draw one of their own."""
    tfds.disable_progress_bar()
    logging.getLogger("absl").setLevel(logging.ERROR)


def _first_line(error):
    return (str(error).splitlines() or [type(error).__name__])[0]
