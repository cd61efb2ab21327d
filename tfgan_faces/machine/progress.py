"""Progress bars that fill no log file."""

import sys

from tqdm import tqdm


def progress_bar(*arguments, **settings):
    """Returns a tqdm bar; where no one watches a terminal, it tells how far it is twice a minute.

    Args:
        arguments, settings: tqdm's.
    """
    interval = 0.1 if sys.stderr.isatty() else 30.0
    return tqdm(*arguments, mininterval=interval, **settings)
