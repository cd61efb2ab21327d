"""Leases for object stores, which have no locks. A live holder keeps renewing its lease."""

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

from tfgan_faces.errors import reason_of

_logger = logging.getLogger(__name__)

RENEWED_EVERY = 10.0  # seconds
GIVEN_UP_AFTER = 45.0  # seconds without a renewal
_SETTLED_AFTER = 4.0  # seconds; by then all concurrent writes, including retries, are complete


@contextlib.contextmanager
def leased(path, wait):
    """Holds the lease `path`, an object that exists as long as a process holds the lease.

    A killed holder leaves the object behind. The lease is taken over if it has not been renewed
    for 45 seconds on this process's own clock. If two processes take it at the same time, the
    last one to write gets it. A process that is suspended for longer than 45 seconds loses the
    lease and exits as soon as it resumes.

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
        with _logging_errors(lease):
            if _holder(_read(lease)) == mine:
                lease.unlink(missing_ok=True)


def me():
    """Returns the machine name and process number that identify this process in leases."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _wait_for_holder(lease, wait):
    """Returns when nobody holds the lease or its holder has stopped renewing it."""
    content, since, waited = _read(lease), time.monotonic(), False
    if content:
        _logger.info(
            "%s is held by %s. Waiting up to %.0f seconds to check whether that process is alive.",
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
        with _logging_errors(lease):
            if _holder(_read(lease)) != mine:
                _logger.error("%s was taken over by another process. Exiting at once.", lease)
                # Anything written from now on could conflict with the new holder.
                os._exit(128 + signal.SIGTERM)
            lease.write_text(_content(mine, number))


@contextlib.contextmanager
def _logging_errors(lease):
    """Logs errors of the store and continues: the next attempt may succeed."""
    try:
        yield
    except Exception as error:  # TensorFlow raises many types of errors for stores
        _logger.warning("%s cannot be reached (%s).", lease, reason_of(error))


def _read(lease):
    """Returns the lease's content; an empty string if nobody holds it."""
    try:
        return lease.read_text()
    except FileNotFoundError:
        return ""


def _content(holder, number):
    # The length is constant because TensorFlow caches lengths for some seconds.
    return f"{holder} {number:09d}"


def _holder(content):
    """Returns the holder, without the renewal number."""
    return content.rpartition(" ")[0]
