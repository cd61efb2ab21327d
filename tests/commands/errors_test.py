"""System errors become one sentence; errors of the program keep their traceback."""

import pytest
import tensorflow as tf

from tfgan_faces import commands
from tfgan_faces.commands import inspecting
from tfgan_faces.config import CommandConfig, Config
from tfgan_faces.errors import UserError


def run_and_raise(monkeypatch, error):
    """Runs a mode that raises the error."""

    def fail(command, config):
        raise error

    monkeypatch.setattr(inspecting, "plan_mode", fail)
    commands.run(CommandConfig(mode="plan"), Config().resolved())


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        MemoryError(),
        tf.errors.ResourceExhaustedError(None, None, "no memory"),
        tf.errors.NotFoundError(None, None, "no such bucket"),
    ],
)
def test_system_errors_become_a_user_error(monkeypatch, error):
    with pytest.raises(UserError, match="Stopped: "):
        run_and_raise(monkeypatch, error)


@pytest.mark.parametrize(
    "error", [tf.errors.InvalidArgumentError(None, None, "shapes"), ZeroDivisionError("by zero")]
)
def test_errors_of_the_program_are_not_converted(monkeypatch, error):
    with pytest.raises(type(error)):
        run_and_raise(monkeypatch, error)
