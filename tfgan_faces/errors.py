"""Exceptions that are told in a sentence: mistakes that a person can mend, and interruptions."""


class UserError(ValueError):
    """A mistake in settings, files or data, told in one sentence that says what to do."""


class NonFiniteError(UserError):
    """Losses, gradients or weights are NaN or infinite, so that going on would be of no use.

    Args:
        message: str.
        turn: int, the discriminator turn whose batch gave them, where that is known.
    """

    def __init__(self, message, turn=None):
        super().__init__(message)
        self.turn = turn


class CollapseError(UserError):
    """A training shows a warning of collapse.

    Args:
        step: int.
        warning: str, its name in `metrics.csv`.
    """

    def __init__(self, step, warning):
        super().__init__(f"The training collapsed by step {step} ({warning})")
        self.step, self.warning = step, warning


class Interrupted(Exception):  # noqa: N818
    """A signal ended the work in order; what was done is kept.

    Args:
        message: str, what was kept and how to go on.
        signal: int, the signal's number.
    """

    def __init__(self, message, signal):
        super().__init__(message)
        self.signal = signal


def reason_of(error):
    """Returns what an error of the system's or TensorFlow's says, in a line."""
    return getattr(error, "strerror", None) or str(error).splitlines()[0]
