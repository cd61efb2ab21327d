"""The one exception for mistakes that the person at the keyboard can mend."""


class UserError(ValueError):
    """A mistake in settings, files or data, told in one sentence that says what to do."""


class NonFiniteError(UserError):
    """A loss or weight became NaN or infinite, so that going on would be of no use."""
