"""Writes a folder with an exported generator and its card, whole or not at all."""

import contextlib
import hashlib
import json
import os

from tfgan_faces.errors import UserError
from tfgan_faces.storage.files import atomic_directory, names_in
from tfgan_faces.storage.paths import as_path

CARD = "model_card.json"


@contextlib.contextmanager
def written_folder(output, card):
    """Yields a folder to write files into, which becomes `output` if there is no error.

    An earlier export is replaced, unless somebody changed it.

    Args:
        output: str, the folder's final path, on a disk.
        card: JSON-serialisable dict, written as `model_card.json` with checksums of the files.

    Raises:
        UserError: there is a folder with other content, or it contains the working directory.
    """
    path = as_path(os.path.realpath(output))  # a link is not replaced, but the folder it names
    _check_replaceable(path)
    with atomic_directory(path) as folder:
        yield folder
        content = {**card, "sha256": _checksums(folder)}
        (folder / CARD).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _check_replaceable(path):
    if path.exists() and as_path(os.getcwd()).is_relative_to(path):
        raise UserError(
            f"--output: {path} contains the folder that this program runs in, so it cannot be "
            "replaced; choose another folder."
        )
    if not names_in(path):
        return
    try:
        written = json.loads((path / CARD).read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        written = {}
    found = _checksums(path)
    changed = sorted(name for name in found if found[name] != written.get(name))
    if changed or not written:
        raise UserError(
            f"--output: {path} contains files that are not those of an earlier export "
            f"({', '.join(changed[:3] or [CARD])}); choose another folder."
        )


def _checksums(folder):
    """Returns a dict of path to SHA-256 for all files below a folder except the card."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and file != folder / CARD
    }
