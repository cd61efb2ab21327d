"""From the averaged generator to a version that TF Serving loads, and to faces from a server.

`Client` needs no TensorFlow over REST; nothing here is imported before it is asked for.
"""

import importlib

_LAZY = {
    "Client": "tfgan_faces.serving.client",
    "export": "tfgan_faces.serving.saved_model",
}

__all__ = list(_LAZY)


def __getattr__(name):
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
