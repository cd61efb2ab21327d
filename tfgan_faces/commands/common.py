"""What several modes need: prepared photos, a run's generator, errors of writing."""

import contextlib
import logging

from tfgan_faces.data import preparation
from tfgan_faces.errors import UserError

_logger = logging.getLogger(__name__)


def prepared(config):
    """Returns the builder of prepared photos, and tells what came of them."""
    builder = preparation.prepare(config.data, config.run.cache_dir)
    found = builder.info.metadata
    _logger.info(
        "%s photos of %d pixels in %s", found["photos"], config.data.image_size, builder.data_path
    )
    if found["skipped"]:
        _logger.warning(
            "%d photos could not be read and were skipped; the first is %s (%s); all are listed "
            "in metadata.json in that folder",
            len(found["skipped"]),
            found["skipped"][0]["file"],
            found["skipped"][0]["reason"],
        )
    return builder


@contextlib.contextmanager
def writing(flag, path):
    """Turns errors of writing to `path`, which `flag` named, into sentences."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{flag}: cannot write to {path} ({error.strerror}).") from error
