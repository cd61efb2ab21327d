"""Ctrl-C, SIGTERM and a closed terminal as a wish that a loop looks for, to end in order."""

import os
import signal
import threading

_SIGNALS = [signal.SIGINT, signal.SIGTERM]
if hasattr(signal, "SIGHUP"):  # not on Windows
    _SIGNALS.append(signal.SIGHUP)


class Interruption:
    """Within the context, the first of these signals is noted; a second ends the process.

    SIGHUP comes when a terminal or a connection is closed. Where it is ignored, as under nohup,
    it stays so.

    In another thread than the main one, where Python allows no handlers, it notes nothing.

    Attributes:
        signal: int, the signal that was noted, or None.
    """

    def __init__(self):
        self.signal = None
        self._before = {}

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            self._before = {
                number: signal.signal(number, self._note)
                for number in _SIGNALS
                if signal.getsignal(number) is not signal.SIG_IGN
            }
        return self

    def __exit__(self, *error):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number, frame):
        del frame
        if self.signal is not None:
            os._exit(128 + number)
        self.signal = number
