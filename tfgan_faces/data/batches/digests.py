"""Cached digests of photos, so that not every start has to read all photos."""

import contextlib
import json

from tfgan_faces.storage.files import write_atomic
from tfgan_faces.storage.paths import as_path


def remembered(path, stamp, compute):
    """Returns the digest cached for a stamp, or computes and caches it.

    Args:
        path: path of the cache file.
        stamp: JSON-serialisable value that changes with the digested data, such as file sizes
            and modification times.
        compute: function without arguments that returns the digest, a str.
    """
    path = as_path(path)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        cached = json.loads(path.read_text(encoding="utf-8"))
        if cached["stamp"] == stamp:
            return cached["sha256"]
    digest = compute()
    with contextlib.suppress(OSError):  # in a read-only folder, it is computed every time
        write_atomic(path, json.dumps({"stamp": stamp, "sha256": digest}).encode())
    return digest
