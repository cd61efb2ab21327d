import logging
import signal
import subprocess
import sys
import threading

import pytest
import tensorflow as tf
from etils import epath

from tfgan_faces.storage import lease
from tfgan_faces.storage.lease import leased

ME = lease.me()


@pytest.fixture
def path(bucket):
    return epath.Path(bucket) / "run" / ".lock"


def refuse(holder):
    raise RuntimeError(f"held by {holder}")


def test_a_lease_is_deleted_on_exit_and_can_be_taken_again(path):
    for _ in range(2):
        with leased(path, refuse):
            assert path.read_text().startswith(ME)
        assert not path.exists()


def test_waiting_reports_the_holder(path):
    with (
        leased(path, refuse),
        pytest.raises(RuntimeError, match=f"held by {ME}"),
        leased(path, refuse),
    ):
        pass


def test_a_dead_holders_lease_is_taken_over(path):
    path.write_text("elsewhere:7 0123 4")
    with leased(path, refuse):
        assert path.read_text().startswith(ME)


def test_waits_for_a_live_holder(path):
    held, holders, ended = threading.Event(), [], threading.Event()

    def hold():
        with leased(path, refuse):
            held.set()
            ended.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(60)

    def wait(name):
        holders.append(name)
        ended.set()

    with leased(path, wait):
        assert holders == [ME]
    holder.join()


def test_only_one_of_two_concurrent_attempts_gets_the_lease(path):
    inside, counts, together = [], [], threading.Event()

    def take():
        with leased(path, lambda holder: None):
            inside.append(1)
            counts.append(len(inside))
            together.wait(0.3)  # time for the other one to enter, too
            inside.pop()

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1, 1]


def test_a_process_that_loses_its_lease_exits_at_once(path):
    code = f"""
import threading
from tfgan_faces.storage import lease
lease.RENEWED_EVERY, lease._SETTLED_AFTER = 0.1, 0.1
with lease.leased("{path}", print):
    print("held", flush=True)
    threading.Event().wait()
"""
    pipe = {"stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **pipe) as process:
        assert process.stdout.readline() == "held\n"
        path.write_text("elsewhere:7 0123 0")
        assert process.wait(60) == 128 + signal.SIGTERM
    assert path.read_text() == "elsewhere:7 0123 0"


def test_an_unreachable_store_on_exit_is_only_logged(path, monkeypatch, caplog):
    monkeypatch.setattr(logging.getLogger("tfgan_faces"), "propagate", True)

    def gone(lease):
        raise tf.errors.UnavailableError(None, None, "no answer")

    with leased(path, refuse):
        monkeypatch.setattr(lease, "_read", gone)
    assert f"{path} cannot be reached (no answer)" in caplog.text
