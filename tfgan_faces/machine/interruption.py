"""Recording of Ctrl-C, SIGTERM and a closed terminal, so that a loop can exit cleanly."""

import os
import signal
import threading

_SIGNALS = [signal.SIGINT, signal.SIGTERM]
if hasattr(signal, "SIGHUP"):  # not on Windows
    _SIGNALS.append(signal.SIGHUP)


class Interruption:
    """Context manager that records the first of these signals; a second one ends the process.

    SIGHUP is sent when a terminal or a connection is closed. Signals that are ignored, as SIGHUP
    is under nohup, remain ignored.

    In threads other than the main thread, where Python allows no handlers, nothing is recorded.

    Attributes:
        signal: int, the signal that was recorded, or None.
    """

    def __init__(self):
        self.signal = None
        self._previous_handlers = {}

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            self._previous_handlers = {
                number: signal.signal(number, self._record)
                for number in _SIGNALS
                if signal.getsignal(number) is not signal.SIG_IGN
            }
        return self

    def __exit__(self, *error):
        for number, handler in self._previous_handlers.items():
            signal.signal(number, handler)

    def _record(self, number, frame):
        del frame
        if self.signal is not None:
            os._exit(128 + number)
        self.signal = number
