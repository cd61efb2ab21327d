import os
import signal
import subprocess
import sys

import pytest

from tfgan_faces.locking import locked


def refuse(holder):
    raise RuntimeError(f"held by {holder}")


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock."""
    code = (
        "import sys\nfrom tfgan_faces.locking import locked\n"
        f"with locked({str(tmp_path / 'lock')!r}, print):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_held_lock_names_its_holder(holder, tmp_path):
    with (
        pytest.raises(RuntimeError, match=f"held by {holder.pid}"),
        locked(tmp_path / "lock", refuse),
    ):
        pass


def test_a_dead_process_holds_nothing(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with locked(tmp_path / "lock", refuse):
        assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_a_lock_is_waited_for(holder, tmp_path):
    waited = []

    def wait(number):
        waited.append(number)
        holder.stdin.close()  # which ends it

    with locked(tmp_path / "lock", wait):
        assert waited == [str(holder.pid)]


def test_a_lock_can_be_taken_again(tmp_path):
    for _ in range(2):
        with locked(tmp_path / "folder" / "lock", refuse):
            pass
