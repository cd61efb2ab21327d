"""The mode `export`."""

import json
import logging
import os

from tfgan_faces.commands.common import mark_of, writing
from tfgan_faces.config.formats import FORMATS, SAVED_MODEL
from tfgan_faces.errors import UserError
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.serving import formats, saved_model, warmup
from tfgan_faces.serving.model_card import model_card
from tfgan_faces.storage.paths import as_path, check_mounted
from tfgan_faces.version import VERSION

_logger = logging.getLogger(__name__)


def export_mode(command, config):
    """Exports the averaged generator of a run as the next version, or in another format."""
    directory = RunDirectory(config.run.run_dir)
    if command.format == SAVED_MODEL:
        export_run(directory, config, command.checkpoint, label=command.label)
    else:
        output = command.output or os.path.join(directory.path, command.format)
        _export_format(directory, config.run, command, output)


def export_run(directory, config, checkpoint="newest", again=True, label=None):
    """Exports the averaged generator of a run.

    Args:
        directory: `RunDirectory`.
        config: `Config` whose `run` has the settings of the export.
        checkpoint: `"newest"` or `"best"`.
        again: whether to export even if the newest version already has the same weights and
            settings.
        label: str, the only label of the faces, or None.
    """
    run = config.run
    generator, step = directory.averaged_generator(run.export_precision, checkpoint, label)
    settings = run.export_dir, run.export_weights, run.warmup
    mark = mark_of(directory.config(), run)
    if not again and saved_model.newest_export(generator, *settings, mark):
        return
    card = _card(directory, step, label)
    card["export"] = {"precision": run.export_precision, "weights": run.export_weights}
    exported = saved_model.export(
        generator, run.export_dir, card, run.export_weights, run.warmup, run.keep_versions, mark
    )
    _logger.info(
        "Exported to %s: %.1f MB, %s",
        exported,
        saved_model.folder_size(exported) / 1e6,
        "with warm-up requests"
        if warmup.is_wanted(run.warmup)
        else "without warm-up requests (--warmup)",
    )


def _export_format(directory, run, command, output):
    """Exports the averaged generator of a run in a format other than the SavedModel."""
    name, label = command.format, command.label
    if run.export_precision != "float32":
        raise UserError(
            f"--export_precision must be float32 with --format={name}. "
            f"Received: {run.export_precision}"
        )
    check_mounted("--output", output)
    weights = _weights(FORMATS[name], run.export_weights, name)
    generator, step = directory.averaged_generator("float32", command.checkpoint, label)
    card = _card(directory, step, label)
    card["export"] = {"format": name, "weights": weights}
    with writing("--output", output):
        options = formats.Options(weights, mark_of(directory.config(), run), run.cache_dir)
        files = formats.export(name, generator, output, card, options)
    for file in files:
        path = os.path.join(output, file)
        size = saved_model.folder_size(path) if os.path.isdir(path) else os.path.getsize(path)
        _logger.info("Exported to %s: %.1f MB", path, size / 1e6)


def _weights(facts, wanted, name):
    if wanted in facts.weights:
        return wanted
    if wanted == "float32":  # the default; the format has no choice
        return facts.weights[0]
    raise UserError(
        f"--export_weights must be {' or '.join(facts.weights)} with --format={name}. "
        f"Received: {wanted}"
    )


def _card(directory, step, label):
    measured = _measurements(directory, step) if label is None else []  # of all labels together
    card = model_card(directory.config(), step, VERSION, measured, directory.rollbacks())
    labels = directory.labels()
    if labels:
        card["labels"] = labels if label is None else {label: 1.0}
    return card


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
