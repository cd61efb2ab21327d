"""Locks in an object store, which has none: leases that are renewed while their holders live."""

import contextlib
import itertools
import logging
import os
import signal
import socket
import threading
import time
import uuid

from etils import epath

_logger = logging.getLogger(__name__)

RENEWED_EVERY = 10.0  # seconds
GIVEN_UP_AFTER = 45.0  # seconds without a renewal
_SETTLED_AFTER = 4.0  # seconds; two that write at once, or try again, have written by then


@contextlib.contextmanager
def leased(path, wait):
    """Holds the lease `path`, an object that is there as long as somebody holds it.

    A holder that was killed leaves it behind: it is taken over when it has not been renewed for
    45 seconds of this process's own clock. Of two that take it at once the last to write has it.
    A process that stands still for longer than that loses it, and ends at once when it goes on.

    Args:
        path: str, an address.
        wait: see `locked`; it is called with the holder's machine and process number.
    """
    lease = epath.Path(path)
    mine = f"{me()} {uuid.uuid4().hex}"
    while True:
        _wait_for_holder(lease, wait)
        lease.write_text(_content(mine, 0))
        time.sleep(_SETTLED_AFTER)
        if _holder(_read(lease)) == mine:
            break
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(lease, mine, ended), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        ended.set()
        renewing.join(RENEWED_EVERY)
        with _telling_of_trouble(lease):
            if _holder(_read(lease)) == mine:
                lease.unlink(missing_ok=True)


def me():
    """Returns this machine's name and this process's number, as leases are signed."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _wait_for_holder(lease, wait):
    """Returns when nobody holds the lease, or its holder has not renewed it for long."""
    content, since, waited = _read(lease), time.monotonic(), False
    if content:
        _logger.info(
            "%s is held by %s; waiting up to %.0f seconds to see whether that still lives.",
            lease,
            content.split()[0],
            GIVEN_UP_AFTER,
        )
    while content and time.monotonic() - since < GIVEN_UP_AFTER:
        time.sleep(RENEWED_EVERY / 10)
        now = _read(lease)
        if now and now != content:
            if not waited:
                wait(now.split()[0])
            waited, since = True, time.monotonic()
        content = now


def _renew(lease, mine, ended):
    for number in itertools.count(1):
        if ended.wait(RENEWED_EVERY):
            return
        with _telling_of_trouble(lease):
            if _holder(_read(lease)) != mine:
                _logger.error("%s was taken over by another process: stopping at once.", lease)
                os._exit(128 + signal.SIGTERM)  # all that were written now would be in its way
            lease.write_text(_content(mine, number))


@contextlib.contextmanager
def _telling_of_trouble(lease):
    """Goes on in spite of a store that does not answer: it may do so the next time."""
    try:
        yield
    except Exception as error:  # TensorFlow has a dozen kinds for it
        _logger.warning("%s cannot be reached (%s).", lease, str(error).splitlines()[0])


def _read(lease):
    """Returns the lease's content, empty when nobody holds it."""
    try:
        return lease.read_text()
    except FileNotFoundError:
        return ""


def _content(holder, number):
    # Of one length: TensorFlow remembers lengths for some seconds.
    return f"{holder} {number:09d}"


def _holder(content):
    """Returns who wrote it, without the number of the renewal."""
    return content.rpartition(" ")[0]
