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


def test_waiting_reports_the_holder(holder, tmp_path):
    with (
        pytest.raises(RuntimeError, match=f"held by {holder.pid}"),
        locked(tmp_path / "lock", refuse),
    ):
        pass


def test_a_dead_process_holds_no_lock(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with locked(tmp_path / "lock", refuse):
        assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_waits_for_a_lock(holder, tmp_path):
    waited = []

    def wait(number):
        waited.append(number)
        holder.stdin.close()  # ends the holder

    with locked(tmp_path / "lock", wait):
        assert waited == [str(holder.pid)]


def test_a_lock_can_be_taken_again(tmp_path):
    for _ in range(2):
        with locked(tmp_path / "folder" / "lock", refuse):
            pass


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK])
def test_unsupported_locks_are_skipped_with_a_warning(tmp_path, monkeypatch, caplog, number):
    def fail(descriptor, operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", fail)
    monkeypatch.setattr(logging.getLogger("tfgan_faces"), "propagate", True)
    with locked(tmp_path / "lock", refuse):
        assert is_held(tmp_path / "lock")  # it might be
    assert f"{tmp_path} does not support locks" in caplog.text


def test_is_held_reports_live_holders_only(holder, tmp_path):
    assert is_held(tmp_path / "lock")
    holder.kill()
    holder.wait()
    assert not is_held(tmp_path / "lock")
    assert not is_held(tmp_path / "other")
