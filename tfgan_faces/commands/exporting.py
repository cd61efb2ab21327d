"""The mode `export`."""

import logging
import os

from tfgan_faces.config import VERSION
from tfgan_faces.run_directory import RunDirectory
from tfgan_faces.serving import saved_model

_logger = logging.getLogger(__name__)


def export(command, config):
    """Exports a run's averaged generator as the next version."""
    export_run(RunDirectory(config.run.run_dir), config, command.checkpoint)


def export_run(directory, config, checkpoint="newest", again=True):
    """Exports a run's averaged generator, unless `again` is False and the newest version is it."""
    precision = config.run.export_precision
    generator, step = directory.averaged_generator(precision, checkpoint)
    if not again and saved_model.newest_export(generator, config.run.export_dir):
        return
    run = os.path.basename(os.path.abspath(config.run.run_dir))
    provenance = {"tfgan_faces": VERSION, "run": run, "step": step, "precision": precision}
    exported = saved_model.export(generator, config.run.export_dir, provenance)
    _logger.info("Exported to %s", exported)
