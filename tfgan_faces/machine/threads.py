"""Concurrent work in threads, with a bounded number of pending items."""

import collections
import concurrent.futures

from tfgan_faces.machine.processor import core_count


def in_threads(function, items, workers=None):
    """Applies `function` to the values of `(key, value)` items and yields the results in order.

    Args:
        function: callable of a value.
        items: iterable of pairs.
        workers: int, number of threads; the number of cores by default.

    Yields:
        `(key, outcome)`; calling `outcome` returns the result or raises the error.
    """
    workers = workers or core_count()
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        pending = collections.deque()
        for key, value in items:
            pending.append((key, pool.submit(function, value)))
            if len(pending) > 8 * workers:
                first, future = pending.popleft()
                yield first, future.result
        for first, future in pending:
            yield first, future.result
