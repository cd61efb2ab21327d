"""People's own settings of Keras: what cannot work is refused, what is in the way is set aside."""

import contextlib
import json
import os
from pathlib import Path

from tfgan_faces.errors import UserError


def check_backend(environment=os.environ):
    """Raises UserError unless Keras will compute, or computes, by TensorFlow.

    It asks as Keras does, before Keras is imported: another backend may not be installed.

    Args:
        environment: mapping of environment variables.
    """
    home = environment.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    file = Path(home) / "keras.json"
    places = {
        "KERAS_BACKEND": environment.get("KERAS_BACKEND"),
        f"backend in {file}": _settings(file).get("backend"),
    }
    place, backend = next(
        ((place, name) for place, name in places.items() if name), (None, "tensorflow")
    )
    if backend != "tensorflow":
        raise UserError(
            f"tfgan_faces computes by Keras on TensorFlow: set KERAS_BACKEND=tensorflow. "
            f"Received: {backend} ({place})"
        )


def _settings(file):
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


@contextlib.contextmanager
def own_settings(policy):
    """Holds a dtype policy and the order of axes while networks are built, then puts back both.

    Args:
        policy: str, the name of a Keras dtype policy.
    """
    import keras  # noqa: PLC0415  not before its backend has been looked at

    before = keras.config.dtype_policy(), keras.config.image_data_format()
    keras.config.set_dtype_policy(policy)
    keras.config.set_image_data_format("channels_last")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before[0])
        keras.config.set_image_data_format(before[1])
