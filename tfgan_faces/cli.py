"""The command line: flags made from the config dataclasses, one call of `commands`.

TensorFlow is imported after the flags are known to be right, so that `--help` and a typing
error answer at once.
"""

import contextlib
import dataclasses
import logging
import os
import signal
import sys
import tempfile
import traceback

from absl import flags

from tfgan_faces.config import CommandConfig, Config
from tfgan_faces.config.defaults import LIMITS_OF_A_TRAINING
from tfgan_faces.config.fields import plain_type, validate
from tfgan_faces.config.idle_flags import idle_flags
from tfgan_faces.config.recipes import CHOICES_OF_A_TRAINING, FIRST_RECIPE, recipe_path
from tfgan_faces.errors import Interrupted, UserError
from tfgan_faces.machine.keras_settings import check_backend
from tfgan_faces.runs.run_settings import going_on

_logger = logging.getLogger(__name__)

_SECTIONS = {field.name: field.type for field in dataclasses.fields(Config)}
_DEFINERS = {
    bool: flags.DEFINE_boolean,
    float: flags.DEFINE_float,
    int: flags.DEFINE_integer,
    str: flags.DEFINE_string,
}


def run(arguments=None):
    """Runs the program and exits: with 0, or 1 after one sentence on stderr.

    Args:
        arguments: list of str, by default the process's.
    """
    sys.exit(main(sys.argv if arguments is None else ["tfgan-faces", *arguments]))


def main(argv):
    """Returns the exit code of one call with these arguments (the program's name first)."""
    _open_closed_streams()
    try:
        return _main(argv)
    except BrokenPipeError:  # who reads what is printed, as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or its flush would fail
        return 128 + signal.SIGPIPE


def _main(argv):
    if "--help" in argv or "-h" in argv:
        print(help_text(), flush=True)
        return 0
    _log_to_stderr()
    try:
        _carry_out(*parse(argv))
    except (flags.Error, UserError) as error:
        if "--debug" in argv:
            traceback.print_exc()
        print(f"tfgan-faces: {_one_line(error)}", file=sys.stderr)
        return 1
    except Interrupted as stop:
        print(f"\ntfgan-faces: {_one_line(stop)}", file=sys.stderr)
        return 128 + stop.signal
    except KeyboardInterrupt:
        print(
            "\ntfgan-faces: stopped. A training goes on from its last checkpoint when the same "
            "command is given again.",
            file=sys.stderr,
        )
        return 130
    return 0


def _open_closed_streams():
    """Opens what was closed by who started the program, as `2>&-` does: to nowhere."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def parse(argv):
    """Returns `CommandConfig` and resolved `Config` of a command line.

    Raises:
        absl.flags.Error, UserError: a flag is unknown or of a wrong value.
    """
    values = _defined_flags()
    rest = values(argv)[1:]
    if values.recipe:
        values = _with_recipe(values.recipe, argv, values)
    given = {name for name in values if values[name].present}
    if values.recipe is None and not given & {*CHOICES_OF_A_TRAINING}:
        values = _with_recipe(FIRST_RECIPE, argv, values)
    if rest:
        raise UserError(f"{rest[0]} is not a flag; settings look like --max_steps=1000.")
    command = _section(CommandConfig, values)
    validate(command)
    sections = {name: _section(kind, values) for name, kind in _SECTIONS.items()}
    config = Config(**sections).resolved()
    if command.mode == "train":
        config = _going_on(config, given)
    idle = idle_flags(given, command.mode, config)
    if idle:
        _logger.warning("No effect beside the other flags: --%s", ", --".join(idle))
    return command, config


def _going_on(config, given):
    config, changed = going_on(config, given)
    if changed:
        listed = ", ".join(f"{name}={value}" for name, value in sorted(changed.items()))
        _logger.info("Going on with the run in %s and its %s", config.run.run_dir, listed)
    return config


def _with_recipe(recipe, argv, given):
    """Returns the values of a recipe and of a command line, whose flags override the recipe's.

    Args:
        recipe: str, the recipe's name.
        argv: list of str, the command line.
        given: its values without a recipe.
    """
    values = _defined_flags()
    values([argv[0], f"--flagfile={recipe_path(recipe)}", *argv[1:]])
    if any(given[name].present for name in LIMITS_OF_A_TRAINING):
        for name in LIMITS_OF_A_TRAINING:  # one that is given stands alone
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
    """Returns the text of `--help`: every flag with its default, by section."""
    lines = [
        "Train GANs and WGANs on a folder of face photos, look at the faces, and export them.",
        "",
        "  python main.py                                  train on drawn faces, export",
        "  python main.py --dataset=folder --data_dir=DIR  train on your photos",
        "  python main.py --mode=sample --run_dir=DIR      make faces with a trained run",
    ]
    for section in (CommandConfig, *_SECTIONS.values()):
        lines += ["", (section.__doc__ or "").splitlines()[0]]
        lines += [line for field in dataclasses.fields(section) for line in _flag_help(field)]
    lines += ["", "  --flagfile=FILE", "      read flags from a file, one a line"]
    return "\n".join(lines)


def _flag_help(field):
    choices = field.metadata["choices"]
    values = "|".join(choices) if choices else plain_type(field).__name__
    default = "" if field.default is None else f" (default: {field.default})"
    return [f"  --{field.name}={values}", f"      {field.metadata['help']}{default}"]


def _carry_out(command, config):
    check_backend()
    with _silent_start():
        from tfgan_faces import commands  # imports TensorFlow
    commands.run(command, config)


def _log_to_stderr():
    logger = logging.getLogger("tfgan_faces")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers = [logging.StreamHandler(sys.stderr)]


@contextlib.contextmanager
def _silent_start():
    """Keeps back what TensorFlow's C++ side says on its way up, unless the import fails."""
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
