"""Creates Apache Beam's runner and options from their flags."""

import re

from tfgan_faces.errors import UserError

_FLAG = re.compile(r"--[A-Za-z]\w*(=.*)?", re.DOTALL)


def runner_and_options(runner, options):
    """Returns TFDS's `beam_runner` and `beam_options` for the values of the flags of that name.

    Args:
        runner: str, name of a runner such as `"DirectRunner"`, or None.
        options: str, flags of the runner separated by commas or spaces, or None. A comma that
            is not followed by `--` is part of a value.

    Returns:
        `(apache_beam.runners.PipelineRunner, PipelineOptions)`, or `(None, None)` without a
        runner.

    Raises:
        UserError: Beam is not installed, the runner is unknown, `options` are not flags, or
            there are options but no runner.
    """
    if runner is None:
        if options is not None:
            raise UserError(f"--beam_options requires --beam_runner. Received: {options!r}")
        return None, None
    flags = _flags(options)
    try:
        from apache_beam.options.pipeline_options import PipelineOptions
        from apache_beam.runners.runner import create_runner
    except ImportError as error:
        raise UserError(
            f"--beam_runner requires Apache Beam: run pip install '.[beam]' ({error})."
        ) from error
    try:
        return create_runner(runner), PipelineOptions(flags)
    except (ValueError, ImportError, AttributeError) as error:
        raise UserError(
            "--beam_runner must be a runner known to Beam, such as DirectRunner, FlinkRunner, "
            f"SparkRunner or DataflowRunner. Received: {runner} ({error})"
        ) from error


def _flags(options):
    flags = re.split(r"[\s,]+(?=--)", (options or "").strip().rstrip(","))
    flags = [flag for flag in flags if flag]
    invalid = [flag for flag in flags if not _FLAG.fullmatch(flag)]
    if invalid:
        raise UserError(
            "--beam_options must be flags of the form --name=value, separated by commas or "
            f"spaces. Received: {invalid[0]}"
        )
    return flags
