"""The mode `export`."""

import json
import logging
import os

from tfgan_faces.config import VERSION
from tfgan_faces.run_directory import RunDirectory
from tfgan_faces.serving import saved_model
from tfgan_faces.serving.model_card import model_card

_logger = logging.getLogger(__name__)


def export(command, config):
    """Exports a run's averaged generator as the next version."""
    export_run(RunDirectory(config.run.run_dir), config, command.checkpoint)


def export_run(directory, config, checkpoint="newest", again=True):
    """Exports a run's averaged generator, unless `again` is False and the newest version is it."""
    run = config.run
    generator, step = directory.averaged_generator(run.export_precision, checkpoint)
    if not again and saved_model.newest_export(generator, run.export_dir, run.export_weights):
        return
    card = model_card(directory.config(), step, VERSION, _measurements(directory, step))
    exported = saved_model.export(
        generator, run.export_dir, card, run.export_weights, run.warmup, run.keep_versions
    )
    with open(os.path.join(exported, saved_model.MODEL_CARD), encoding="utf-8") as file:
        warmed = json.load(file)["warm_up"]
    _logger.info(
        "Exported to %s: %.1f MB, %s",
        exported,
        saved_model.folder_size(exported) / 1e6,
        "with warm-up requests"
        if warmed
        else "without warm-up requests (they need pip install 'tfgan_faces[serving]')",
    )


def _measurements(directory, step):
    """Returns what `--mode=evaluate` measured of the exported weights, or nothing."""
    try:
        with open(os.path.join(directory.path, "evaluation.json"), encoding="utf-8") as file:
            report = json.load(file)
    except (OSError, ValueError):
        return []
    return report["measurements"] if report.get("step") == step else []
