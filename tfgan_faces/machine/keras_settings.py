"""The user's Keras settings: other backends are rejected, other defaults are overridden."""

import contextlib
import json
import os
from pathlib import Path

from tfgan_faces.errors import UserError


def check_backend(environment=os.environ):
    """Raises UserError unless Keras uses, or will use, the TensorFlow backend.

    It finds the backend as Keras does, but does not import Keras, because another backend may not
    be installed.

    Args:
        environment: mapping of environment variables.
    """
    home = environment.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    file = Path(home) / "keras.json"
    backends = {
        "KERAS_BACKEND": environment.get("KERAS_BACKEND"),
        f"backend in {file}": _settings(file).get("backend"),
    }
    source, backend = next(
        ((source, name) for source, name in backends.items() if name), (None, "tensorflow")
    )
    if backend != "tensorflow":
        raise UserError(
            f"tfgan_faces requires Keras with the TensorFlow backend: set "
            f"KERAS_BACKEND=tensorflow. Received: {backend} ({source})"
        )


def _settings(file):
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


@contextlib.contextmanager
def own_settings(policy):
    """Sets a dtype policy and channels_last while networks are built, then restores both settings.

    Args:
        policy: str, the name of a Keras dtype policy.
    """
    import keras  # noqa: PLC0415  only after check_backend

    before = keras.config.dtype_policy(), keras.config.image_data_format()
    keras.config.set_dtype_policy(policy)
    keras.config.set_image_data_format("channels_last")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before[0])
        keras.config.set_image_data_format(before[1])
