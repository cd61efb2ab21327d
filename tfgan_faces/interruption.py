"""Ctrl-C and SIGTERM as a wish that a loop looks for, so that it can end in order."""

import os
import signal
import threading

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Within the context, the first Ctrl-C or SIGTERM is noted; a second ends the process.

    In another thread than the main one, where Python allows no handlers, it notes nothing.

    Attributes:
        signal: int, the signal that was noted, or None.
    """

    def __init__(self):
        self.signal = None
        self._before = {}

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._note) for number in _SIGNALS}
        return self

    def __exit__(self, *error):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number, frame):
        del frame
        if self.signal is not None:
            os._exit(128 + number)
        self.signal = number
