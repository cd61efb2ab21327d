"""Progress bars that do not fill log files."""

import sys

from tqdm import tqdm


def progress_bar(*arguments, **settings):
    """Returns a tqdm bar, which is updated only twice a minute if stderr is not a terminal.

    Args:
        arguments, settings: tqdm's.
    """
    interval = 0.1 if sys.stderr.isatty() else 30.0
    return tqdm(*arguments, mininterval=interval, **settings)
