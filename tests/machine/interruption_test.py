import os
import signal
import subprocess
import sys
import threading

import pytest

from tfgan_faces.machine.interruption import Interruption


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_is_recorded_and_handlers_are_restored(number):
    before = signal.getsignal(number)
    with Interruption() as interruption:
        assert interruption.signal is None
        os.kill(os.getpid(), number)
        assert interruption.signal == number
    assert signal.getsignal(number) == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_second_signal_ends_the_process_at_once(number, code):
    code_text = (
        "import os\nfrom tfgan_faces.machine.interruption import Interruption\n"
        "with Interruption():\n"
        f"    os.kill(os.getpid(), {int(number)})\n    os.kill(os.getpid(), {int(number)})\n"
    )
    assert subprocess.run([sys.executable, "-c", code_text], check=False).returncode == code


def test_an_ignored_signal_remains_ignored():
    """nohup ignores SIGHUP."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            os.kill(os.getpid(), signal.SIGHUP)
            assert interruption.signal is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_other_threads_record_nothing():
    recorded = []

    def work():
        with Interruption() as interruption:
            recorded.append(interruption.signal)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert recorded == [None]
