"""Digests of photos, noted beside them so that no start has to read them all."""

import contextlib
import json

from tfgan_faces.storage.files import write_whole
from tfgan_faces.storage.paths import as_path


def remembered(path, stamp, compute):
    """Returns a digest that was noted with the same stamp, or computes and notes it.

    Args:
        path: the file of the note.
        stamp: JSON-able value that changes when what is digested does, as sizes and times.
        compute: function without arguments that returns the digest, a str.
    """
    path = as_path(path)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        noted = json.loads(path.read_text(encoding="utf-8"))
        if noted["stamp"] == stamp:
            return noted["sha256"]
    digest = compute()
    with contextlib.suppress(OSError):  # where nothing can be written it is computed each time
        write_whole(path, json.dumps({"stamp": stamp, "sha256": digest}).encode())
    return digest
