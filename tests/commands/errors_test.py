"""What the program makes of errors: sentences of the system's, tracebacks of its own faults."""

import pytest
import tensorflow as tf

from tfgan_faces import commands
from tfgan_faces.commands import inspecting
from tfgan_faces.config import CommandConfig
from tfgan_faces.errors import UserError


def failing(monkeypatch, error):
    def fail(command, config):
        raise error

    monkeypatch.setattr(inspecting, "plan_mode", fail)
    commands.run(CommandConfig(mode="plan"), None)


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        MemoryError(),
        tf.errors.ResourceExhaustedError(None, None, "no memory"),
        tf.errors.NotFoundError(None, None, "no such bucket"),
    ],
)
def test_errors_of_the_system_are_a_sentence(monkeypatch, error):
    with pytest.raises(UserError, match="Stopped: "):
        failing(monkeypatch, error)


@pytest.mark.parametrize(
    "error", [tf.errors.InvalidArgumentError(None, None, "shapes"), ZeroDivisionError("by zero")]
)
def test_faults_of_the_program_keep_their_traceback(monkeypatch, error):
    with pytest.raises(type(error)):
        failing(monkeypatch, error)
