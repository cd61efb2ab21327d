"""The mode `export`."""

import json
import logging

from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.serving import saved_model, warmup
from tfgan_faces.serving.model_card import model_card
from tfgan_faces.storage.paths import as_path
from tfgan_faces.version import VERSION

_logger = logging.getLogger(__name__)


def export_mode(command, config):
    """Exports the averaged generator of a run as the next version."""
    export_run(RunDirectory(config.run.run_dir), config, command.checkpoint)


def export_run(directory, config, checkpoint="newest", again=True):
    """Exports the averaged generator of a run.

    Args:
        directory: `RunDirectory`.
        config: `Config` whose `run` has the settings of the export.
        checkpoint: `"newest"` or `"best"`.
        again: whether to export even if the newest version already has the same weights and
            settings.
    """
    run = config.run
    generator, step = directory.averaged_generator(run.export_precision, checkpoint)
    settings = run.export_dir, run.export_weights, run.warmup
    if not again and saved_model.newest_export(generator, *settings):
        return
    card = model_card(
        directory.config(), step, VERSION, _measurements(directory, step), directory.rollbacks()
    )
    card["export"] = {"precision": run.export_precision, "weights": run.export_weights}
    exported = saved_model.export(
        generator, run.export_dir, card, run.export_weights, run.warmup, run.keep_versions
    )
    _logger.info(
        "Exported to %s: %.1f MB, %s",
        exported,
        saved_model.folder_size(exported) / 1e6,
        "with warm-up requests"
        if warmup.is_wanted(run.warmup)
        else "without warm-up requests (--warmup)",
    )


def _measurements(directory, step):
    """Returns the measurements of `--mode=evaluate` for the exported weights, or an empty list.

    Measurements with truncated latents do not apply to the served model.
    """
    try:
        report = json.loads(
            (as_path(directory.path) / "evaluation.json").read_text(encoding="utf-8")
        )
    except (OSError, ValueError):
        return []
    settings = isinstance(report, dict) and (report.get("step"), report.get("truncation"))
    return report["measurements"] if settings == (step, 1.0) else []
