"""What several modes need: prepared photos, listed seeds, errors of writing."""

import contextlib
import logging

import tensorflow as tf

from tfgan_faces.data.records import preparation
from tfgan_faces.errors import UserError, reason_of
from tfgan_faces.storage.paths import check_reachable

_logger = logging.getLogger(__name__)

LAST_SEED = 2**31 - 1


def prepared(config):
    """Returns the builder of prepared photos, and tells what came of them."""
    run = config.run
    builder = preparation.prepare(
        config.data, run.cache_dir, run.beam_runner, run.beam_options, run.shards
    )
    found = builder.info.metadata
    _logger.info(
        "%s photos of %d pixels in %s", found["photos"], config.data.image_size, builder.data_path
    )
    if found["skipped"]:
        _logger.warning(
            "%d other files were left out; the first is %s (%s); all are listed, with the reason, "
            "in metadata.json in that folder",
            len(found["skipped"]),
            found["skipped"][0]["file"],
            found["skipped"][0]["reason"],
        )
    return builder


@contextlib.contextmanager
def writing(flag, path):
    """Turns errors of writing to `path`, which `flag` named, into sentences."""
    check_reachable(flag, path)
    try:
        yield
    except (OSError, tf.errors.OpError) as error:
        raise UserError(f"{flag}: cannot write to {path} ({reason_of(error)}).") from error


def listed_seeds(command, default, minimum):
    """Returns `--seeds` as ints, or the default."""
    if command.seeds is None and default is not None:
        return default
    parts = (command.seeds or "").split(",")
    seeds = [int(part) for part in parts if part.strip().isdecimal()]
    if len(seeds) < max(minimum, len(parts)) or max(seeds) > LAST_SEED:
        raise UserError(
            f"--seeds must be {minimum} or more seeds up to {LAST_SEED} and commas, as 3,7. "
            f"Received: {command.seeds!r}"
        )
    return seeds
