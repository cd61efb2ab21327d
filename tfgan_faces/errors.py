"""Exceptions that the command line reports in one sentence: user errors and interruptions."""


class UserError(ValueError):
    """An error in settings, files or data, with a one-sentence message that says how to fix it."""


class NonFiniteError(UserError):
    """Losses, gradients or weights are NaN or infinite, so the training cannot continue.

    Args:
        message: str.
        turn: int, the discriminator update whose batch caused them, or None if unknown.
    """

    def __init__(self, message, turn=None):
        super().__init__(message)
        self.turn = turn


class CollapseError(UserError):
    """A training has collapsed, according to a warning.

    Args:
        step: int, the step of the warning.
        warning: str, the name of the warning in `metrics.csv`.
    """

    def __init__(self, step, warning):
        super().__init__(f"The training collapsed by step {step} ({warning})")
        self.step, self.warning = step, warning


class Interrupted(Exception):  # noqa: N818
    """A signal ended the work gracefully, after its results were saved.

    Args:
        message: str, what was saved and how to resume.
        signal: int, the number of the signal.
    """

    def __init__(self, message, signal):
        super().__init__(message)
        self.signal = signal


def reason_of(error):
    """Returns the reason of an error of the operating system or of TensorFlow, in one line."""
    lines = (getattr(error, "strerror", None) or str(error)).splitlines()
    return lines[0] if lines else type(error).__name__
