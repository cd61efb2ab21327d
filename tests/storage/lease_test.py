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


def test_a_lease_is_gone_afterwards_and_can_be_taken_again(path):
    for _ in range(2):
        with leased(path, refuse):
            assert path.read_text().startswith(ME)
        assert not path.exists()


def test_a_held_lease_names_its_holder(path):
    with (
        leased(path, refuse),
        pytest.raises(RuntimeError, match=f"held by {ME}"),
        leased(path, refuse),
    ):
        pass


def test_a_dead_holder_is_waited_for_and_followed(path):
    path.write_text("elsewhere:7 0123 4")
    with leased(path, refuse):
        assert path.read_text().startswith(ME)


def test_a_living_holder_is_waited_for(path):
    held, asked, ended = threading.Event(), [], threading.Event()

    def hold():
        with leased(path, refuse):
            held.set()
            ended.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(60)

    def wait(name):
        asked.append(name)
        ended.set()

    with leased(path, wait):
        assert asked == [ME]
    holder.join()


def test_of_two_at_once_one_gets_it(path):
    inside, most, together = [], [], threading.Event()

    def take():
        with leased(path, lambda holder: None):
            inside.append(1)
            most.append(len(inside))
            together.wait(0.3)  # in which the other one would come in, too
            inside.pop()

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1]


def test_who_loses_it_ends_at_once(path):
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


def test_a_store_that_is_gone_in_the_end_hides_nothing(path, monkeypatch, caplog):
    monkeypatch.setattr(logging.getLogger("tfgan_faces"), "propagate", True)

    def gone(lease):
        raise tf.errors.UnavailableError(None, None, "no answer")

    with leased(path, refuse):
        monkeypatch.setattr(lease, "_read", gone)
    assert f"{path} cannot be reached (no answer)" in caplog.text
