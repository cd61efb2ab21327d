"""How the learning rates change during a training.

To add a way, add a function and an entry of `RATES`. Its name becomes a choice of `--rates`.
"""

CONSTANT = "constant"


def _constant(share):
    del share
    return 1.0


def _falling(share):
    return min(1.0, 2.0 * (1.0 - share))


# Name -> function of the share of the training that is done, in 0..1, to the factor on both rates.
RATES = {CONSTANT: _constant, "falling": _falling}
