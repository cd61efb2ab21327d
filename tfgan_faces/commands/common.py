"""Helpers of several modes: preparing photos, parsing seeds, and reporting write errors."""

import contextlib
import logging

import tensorflow as tf

from tfgan_faces.data.records import preparation
from tfgan_faces.data.records.preparation import CONTACT_SHEET
from tfgan_faces.data.sources.photo_decoding import NEEDS_HEIC, reads_heic
from tfgan_faces.errors import UserError, reason_of
from tfgan_faces.storage.paths import check_reachable
from tfgan_faces.version import VERSION
from tfgan_faces.visuals.synthetic_mark import SOURCE_TYPE, SyntheticMark

_logger = logging.getLogger(__name__)

LAST_SEED = 2**31 - 1


def prepared(config):
    """Prepares the photos, logs the result, and returns their TFDS builder."""
    run = config.run
    builder = preparation.prepare(
        config.data, run.cache_dir, run.beam_runner, run.beam_options, run.shards
    )
    metadata = builder.info.metadata
    _logger.info(
        "%s photos of %dx%d pixels in %s",
        metadata["photos"],
        config.data.image_size,
        config.data.image_size,
        builder.data_path,
    )
    if config.data.align != "none":
        _logger.info("Look at %s: it shows what was cut out", builder.data_path / CONTACT_SHEET)
    unread = sum(skipped["reason"] == NEEDS_HEIC for skipped in metadata["skipped"])
    if unread and reads_heic():
        _logger.warning(
            "%d HEIC photos were skipped before the extra heic was installed. To use them, remove "
            "%s; a run that has begun cannot use them",
            unread,
            builder.data_path,
        )
    if metadata["skipped"]:
        _logger.warning(
            "Skipped %d other files. The first is %s (%s). metadata.json in that folder lists all "
            "of them with the reasons",
            len(metadata["skipped"]),
            metadata["skipped"][0]["file"],
            metadata["skipped"][0]["reason"],
        )
    return builder


@contextlib.contextmanager
def writing(flag, path):
    """Converts errors of writing to `path` into a UserError that names `flag`."""
    check_reachable(flag, path)
    try:
        yield
    except (OSError, tf.errors.OpError) as error:
        raise UserError(f"{flag}: cannot write to {path} ({reason_of(error)}).") from error


def mark_of(model_config, run, source=SOURCE_TYPE):
    """Returns the `SyntheticMark` of a model's pictures, or None with `--nomark`.

    Args:
        model_config: `Config` of the model's run.
        run: `RunConfig` of this call.
        source: see `SyntheticMark`.
    """
    return SyntheticMark(model_config.model_name, VERSION, source) if run.mark else None


def listed_seeds(command, default, minimum):
    """Returns the ints of `--seeds`, or `default` if the flag is not given.

    Raises:
        UserError: these are not seeds, or they are fewer than `minimum`.
    """
    if command.seeds is None and default is not None:
        return default
    parts = (command.seeds or "").split(",")
    seeds = [int(part) for part in parts if part.strip().isdecimal()]
    if len(seeds) < max(minimum, len(parts)) or max(seeds) > LAST_SEED:
        raise UserError(
            f"--seeds must be {minimum} or more seeds up to {LAST_SEED}, separated by commas, such "
            f"as 3,7. Received: {command.seeds!r}"
        )
    return seeds
