import errno
import logging
import os
import signal
import subprocess
import sys

import pytest

from tfgan_faces.storage.locking import is_held, locked


def refuse(holder):
    raise RuntimeError(f"held by {holder}")


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock."""
    code = (
        "import sys\nfrom tfgan_faces.storage.locking import locked\n"
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


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK])
def test_without_locks_the_work_goes_on_and_a_warning_says_so(
    tmp_path, monkeypatch, caplog, number
):
    def fail(descriptor, operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", fail)
    monkeypatch.setattr(logging.getLogger("tfgan_faces"), "propagate", True)
    with locked(tmp_path / "lock", refuse):
        assert is_held(tmp_path / "lock")  # for all that can be known
    assert f"no locks on the file system of {tmp_path}" in caplog.text


def test_whether_a_lock_is_held_can_be_asked(holder, tmp_path):
    assert is_held(tmp_path / "lock")
    holder.kill()
    holder.wait()
    assert not is_held(tmp_path / "lock")
    assert not is_held(tmp_path / "other")
