"""Apache Beam's runner and options from their flags."""

import re

from tfgan_faces.errors import UserError

_FLAG = re.compile(r"--[A-Za-z]\w*(=.*)?", re.DOTALL)


def runner_and_options(runner, options):
    """Returns TFDS's `beam_runner` and `beam_options` from what the flags of these names say.

    Args:
        runner: str, name of a runner, as `"DirectRunner"`, or None.
        options: str, flags of the runner separated by commas or spaces, or None. A comma
            that no `--` follows belongs to a value.

    Returns:
        `(apache_beam.runners.PipelineRunner, PipelineOptions)`, or two Nones.

    Raises:
        UserError: Beam is not installed, or does not know the runner, or these are no flags.
    """
    if runner is None:
        if options is not None:
            raise UserError(f"--beam_options needs --beam_runner. Received: {options!r}")
        return None, None
    flags = _flags(options)
    try:
        from apache_beam.options.pipeline_options import PipelineOptions
        from apache_beam.runners.runner import create_runner
    except ImportError as error:
        raise UserError(
            f"--beam_runner needs Apache Beam, which pip install '.[beam]' brings ({error})."
        ) from error
    try:
        return create_runner(runner), PipelineOptions(flags)
    except (ValueError, ImportError, AttributeError) as error:
        raise UserError(
            "--beam_runner must be a runner that Beam knows, as DirectRunner, FlinkRunner, "
            f"SparkRunner or DataflowRunner. Received: {runner} ({error})"
        ) from error


def _flags(options):
    flags = re.split(r"[\s,]+(?=--)", (options or "").strip().rstrip(","))
    flags = [flag for flag in flags if flag]
    wrong = [flag for flag in flags if not _FLAG.fullmatch(flag)]
    if wrong:
        raise UserError(
            "--beam_options must be flags that look like --name=value, separated by commas or "
            f"spaces. Received: {wrong[0]}"
        )
    return flags
