"""Writes a folder with an exported generator and its card, whole or not at all."""

import contextlib
import json

from tfgan_faces.errors import UserError
from tfgan_faces.storage.files import atomic_directory, names_in
from tfgan_faces.storage.paths import as_path

CARD = "model_card.json"


@contextlib.contextmanager
def written_folder(output, card):
    """Yields a folder to write files into, which becomes `output` if there is no error.

    An earlier export is replaced.

    Args:
        output: str, the folder's final path.
        card: JSON-serialisable dict, written as `model_card.json`.

    Raises:
        UserError: there is a folder with other content.
    """
    path = as_path(output)
    if names_in(path) and not (path / CARD).exists():
        raise UserError(
            f"--output: {output} is not empty and is not an earlier export; choose another folder."
        )
    with atomic_directory(path) as folder:
        yield folder
        (folder / CARD).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
