"""The command line: its flags are generated from the config dataclasses.

TensorFlow is imported only after the flags are validated, so that `--help` and errors in flags
respond immediately.
"""

import contextlib
import dataclasses
import logging
import os
import re
import signal
import sys
import tempfile
import traceback

from absl import flags

from tfgan_faces.config import CommandConfig, Config
from tfgan_faces.config.defaults import LIMITS_OF_A_TRAINING
from tfgan_faces.config.fields import plain_type
from tfgan_faces.config.idle_flags import idle_flags
from tfgan_faces.config.modes import MODES
from tfgan_faces.config.pretrained import default_run_dir
from tfgan_faces.config.recipes import CHOICES_OF_A_TRAINING, FIRST_RECIPE, recipe_path
from tfgan_faces.errors import Interrupted, UserError
from tfgan_faces.machine.keras_settings import check_backend
from tfgan_faces.runs.run_settings import going_on, read_settings, starting_from

_logger = logging.getLogger(__name__)

_DEBUG = re.compile(r"--?debug(=(t|true|y|yes|1))?", re.IGNORECASE)
_SECTIONS = {field.name: field.type for field in dataclasses.fields(Config)}
_DEFINERS = {
    bool: flags.DEFINE_boolean,
    float: flags.DEFINE_float,
    int: flags.DEFINE_integer,
    str: flags.DEFINE_string,
}


def run(arguments=None):
    """Runs the program and exits with its exit code, see `main`.

    Args:
        arguments: list of str, by default those of the process.
    """
    sys.exit(main(sys.argv if arguments is None else ["tfgan-faces", *arguments]))


def main(argv):
    """Runs the program; returns 0, 1 after an error, or 128 plus the number of a signal.

    Errors and interruptions are printed to stderr in one sentence.

    Args:
        argv: list of str, the name of the program and its arguments.
    """
    _open_closed_streams()
    try:
        return _main(argv)
    except BrokenPipeError:  # the reader of stdout, such as `head`, has exited
        # Flushing stdout at exit must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


def _main(argv):
    if "--help" in argv or "-h" in argv:
        print(help_text(), flush=True)
        return 0
    _log_to_stderr()
    try:
        _run_command(*parse(argv))
    except (flags.Error, UserError) as error:
        if any(_DEBUG.fullmatch(argument) for argument in argv):
            traceback.print_exc()
        print(f"tfgan-faces: {_one_line(error)}", file=sys.stderr)
        return 1
    except Interrupted as error:
        print(f"\ntfgan-faces: {_one_line(error)}", file=sys.stderr)
        return 128 + error.signal
    except KeyboardInterrupt:
        print(
            "\ntfgan-faces: stopped. To resume a training from its last checkpoint, run the same "
            "command again.",
            file=sys.stderr,
        )
        return 130
    return 0


def _open_closed_streams():
    """Opens /dev/null for standard streams that are closed, as after `2>&-` in a shell."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # uses the lowest free descriptor
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def parse(argv):
    """Returns the `CommandConfig` and the resolved `Config` of a command line.

    Args:
        argv: see `main`.

    Raises:
        absl.flags.Error, UserError: a flag is unknown or has an invalid value.
    """
    values = _defined_flags()
    positional = values(argv)[1:]
    typed = {name for name in values if values[name].present}
    if values.recipe:
        values = _with_recipe(values.recipe, argv, values)
    given = {name for name in values if values[name].present}
    given -= {*LIMITS_OF_A_TRAINING} - typed  # a run's limits go before those of a recipe
    if values.recipe is None and not given & {*CHOICES_OF_A_TRAINING}:
        values = _with_recipe(FIRST_RECIPE, argv, values)
    if positional:
        raise UserError(f"{positional[0]} is not a flag; flags look like --max_steps=1000.")
    command = _section(CommandConfig, values).checked()
    sections = {name: _section(kind, values) for name, kind in _SECTIONS.items()}
    if MODES[command.mode].takes_run and "dataset" not in given and sections["data"].data_dir:
        # The run knows its data set. Only the place of its photos is taken from here.
        sections["data"] = dataclasses.replace(sections["data"], dataset="folder")
    config = Config(**sections)
    if command.pretrained:
        config = _with_pretrained(command, config.resolved(), given)
    elif MODES[command.mode].begins:
        config = _of_training(config.checked(), given, command.mode == "train")
    else:
        config = config.resolved()
    idle = idle_flags(typed, command, config)  # a recipe's flags may be overridden
    if idle:
        _logger.warning(
            "These flags have no effect with the other settings: --%s", ", --".join(idle)
        )
    return command, config


def _with_pretrained(command, config, given):
    """Returns a config whose run is the one that included networks are unpacked into."""
    name, folders = command.pretrained, {}
    if "pretrained" not in MODES[command.mode].flags:
        raise UserError(
            f"--pretrained does not apply to --mode={command.mode}; to train from these networks, "
            f"use --init_from={name}."
        )
    if "run_dir" not in given:
        folders["run_dir"] = default_run_dir(name)
    if command.mode == "evaluate" and config.data.data_dir is None:
        raise UserError("--mode=evaluate with --pretrained needs --data_dir, the photos.")
    if "export_dir" not in given and command.mode == "serve":
        # Their faces must not replace those that are already being served.
        folders["export_dir"] = os.path.join(default_run_dir(name), "export")
    return config.replaced(run=folders)


def _of_training(config, given, may_resume):
    """Returns the resolved config of a training, with the settings of the run that it goes on from.

    Logs the settings that it takes from there.

    Args:
        config: `Config` that is `checked` only: default values might not fit the run's settings.
        given: set of str, the names of settings that were set explicitly.
        may_resume: whether it resumes the run in its folder, if there is one.
    """
    does, source, changed = "Starting from", config.training.init_from, {}
    has_begun = may_resume and "run_dir" in given and read_settings(config.run.run_dir)
    if source and not has_begun:
        config, changed = starting_from(config, given)
    elif not has_begun:
        config = config.resolved()
    if may_resume and read_settings(config.run.run_dir):
        config, changed = going_on(config, given)
        does, source = "Resuming", config.run.run_dir
    elif source and "dataset" not in given:
        raise UserError("--init_from needs --dataset, such as --dataset=folder --data_dir=PHOTOS.")
    if changed:
        listed = ", ".join(f"{name}={value}" for name, value in sorted(changed.items()))
        _logger.info("%s %s with its settings: %s", does, source, listed)
    return config


def _with_recipe(recipe, argv, given):
    """Returns the flag values of a recipe, overridden by those of the command line.

    Args:
        recipe: str, the recipe's name.
        argv: see `main`.
        given: the flag values of the command line without a recipe.
    """
    values = _defined_flags()
    values([argv[0], f"--flagfile={recipe_path(recipe)}", *argv[1:]])
    if any(given[name].present for name in LIMITS_OF_A_TRAINING):
        for name in LIMITS_OF_A_TRAINING:  # a given limit replaces both limits of the recipe
            if not given[name].present:
                values[name].unparse()
    return values


def _defined_flags():
    values = flags.FlagValues()
    for section in (CommandConfig, *_SECTIONS.values()):
        for field in dataclasses.fields(section):
            choices, text = field.metadata["choices"], field.metadata["help"]
            if choices:
                flags.DEFINE_enum(field.name, field.default, choices, text, flag_values=values)
            else:
                define = _DEFINERS[plain_type(field)]
                define(field.name, field.default, text, flag_values=values)
    return values


def help_text():
    """Returns the text of `--help`: all flags with their default values, by section."""
    lines = [
        "Trains GANs and WGANs on face photos, generates new faces, and exports the generator.",
        "",
        "  python main.py                                  train on drawn faces and export",
        "  python main.py --dataset=folder --data_dir=DIR  train on your photos",
        "  python main.py --mode=sample --run_dir=DIR      generate faces with a trained run",
    ]
    for section in (CommandConfig, *_SECTIONS.values()):
        lines += ["", (section.__doc__ or "").splitlines()[0]]
        lines += [line for field in dataclasses.fields(section) for line in _flag_help(field)]
    lines += ["", "  --flagfile=FILE", "      read flags from a file with one flag per line"]
    return "\n".join(lines)


def _flag_help(field):
    choices = field.metadata["choices"]
    values = "|".join(choices) if choices else plain_type(field).__name__
    default = "" if field.default is None else f" (default: {field.default})"
    return [f"  --{field.name}={values}", f"      {field.metadata['help']}{default}"]


def _run_command(command, config):
    check_backend()
    with _hidden_startup_output():
        from tfgan_faces import commands  # imports TensorFlow
    commands.run(command, config)


def _log_to_stderr():
    logger = logging.getLogger("tfgan_faces")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers = [logging.StreamHandler(sys.stderr)]


@contextlib.contextmanager
def _hidden_startup_output():
    """Hides the messages of TensorFlow's C++ code during its import, unless the import fails."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    real, kept = os.dup(2), tempfile.TemporaryFile()  # noqa: SIM115
    os.dup2(kept.fileno(), 2)
    try:
        yield
    except BaseException:
        kept.seek(0)
        os.write(real, kept.read())
        raise
    finally:
        os.dup2(real, 2)
        os.close(real)
        kept.close()


def _section(kind, values):
    return kind(**{field.name: values[field.name].value for field in dataclasses.fields(kind)})


def _one_line(error):
    return " ".join(str(error).split())
