"""Progress bars that fill no log file."""

import sys

from tqdm import tqdm


def progress_bar(iterable=None, **settings):
    """Returns a tqdm bar; where no one watches a terminal, it tells how far it is twice a minute.

    Args:
        iterable, settings: tqdm's.
    """
    return tqdm(iterable, mininterval=0.1 if sys.stderr.isatty() else 30.0, **settings)
