import os
import signal
import subprocess
import sys
import threading

import pytest

from tfgan_faces.machine.interruption import Interruption


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_is_noted_and_handlers_are_put_back(number):
    before = signal.getsignal(number)
    with Interruption() as interruption:
        assert interruption.signal is None
        os.kill(os.getpid(), number)
        assert interruption.signal == number
    assert signal.getsignal(number) == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_second_ends_the_process_at_once(number, code):
    code_text = (
        "import os\nfrom tfgan_faces.machine.interruption import Interruption\n"
        "with Interruption():\n"
        f"    os.kill(os.getpid(), {int(number)})\n    os.kill(os.getpid(), {int(number)})\n"
    )
    assert subprocess.run([sys.executable, "-c", code_text], check=False).returncode == code


def test_a_signal_that_is_ignored_stays_so():
    """nohup ignores that of a closed terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            os.kill(os.getpid(), signal.SIGHUP)
            assert interruption.signal is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_other_threads_note_nothing():
    noted = []

    def work():
        with Interruption() as interruption:
            noted.append(interruption.signal)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert noted == [None]
