"""A run's checkpoints: written whole, with checksums, and read back only if they still agree."""

import hashlib
import json
import logging
import os
import re
import shutil

import tensorflow as tf

from tfgan_faces.errors import UserError
from tfgan_faces.files import sync_tree, write_whole

_logger = logging.getLogger(__name__)

_NAME = re.compile(r"(step|best)_(\d+)$")
_SEAL = "checksums.json"


class Checkpoints:
    """The checkpoints in a folder, each in a folder of its own.

    Args:
        folder: str; it need not exist yet.
        version: str, of this package, noted in each checkpoint.
    """

    def __init__(self, folder, version):
        self.folder, self.version = folder, version

    def steps(self, kind="step"):
        """Returns the steps that have a checkpoint, in order.

        Args:
            kind: `"step"` for those to go on from, `"best"` for that of the best faces.
        """
        names = os.listdir(self.folder) if os.path.isdir(self.folder) else []
        found = filter(None, map(_NAME.match, names))
        return sorted(int(match[2]) for match in found if match[1] == kind)

    def save(self, step, state, kind, kept):
        """Writes a checkpoint, and when it has been read back removes old ones.

        Args:
            step: int.
            state: dict of name to list of `tf.Variable`.
            kind: see `steps`.
            kept: int, the number of checkpoints of the kind that stay.
        """
        if step in self.steps(kind):
            return
        temporary = os.path.join(self.folder, f".writing_{step}_{os.getpid()}")
        shutil.rmtree(temporary, ignore_errors=True)
        os.makedirs(temporary)
        try:
            tf.train.Checkpoint(**state).write(os.path.join(temporary, "state"))
            self._seal(temporary)
            sync_tree(temporary)
            os.rename(temporary, self.path(step, kind))
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        if self._is_whole(step, kind):
            others = [other for other in self.steps(kind) if other != step]
            for old in others[: -kept + 1 or None]:
                shutil.rmtree(self.path(old, kind))

    def newest(self, kind="step"):
        """Returns the step of the newest checkpoint that is whole, or None.

        Broken ones are warned of, and passed over.
        """
        for step in reversed(self.steps(kind)):
            if self._is_whole(step, kind):
                return step
            _logger.warning(
                "The checkpoint %s is damaged (its checksums do not agree); going back to the "
                "one before.",
                self.path(step, kind),
            )
        return None

    def clear(self, step):
        """Removes what a killed process was writing, and puts checkpoints after `step` aside.

        Those are damaged ones, or of a training that collapsed.

        Args:
            step: int, the step to go on from.
        """
        for name in os.listdir(self.folder) if os.path.isdir(self.folder) else []:
            if name.startswith(".writing_"):
                shutil.rmtree(os.path.join(self.folder, name), ignore_errors=True)
        for later in self.steps():
            if later > step:
                aside = os.path.join(self.folder, f"aside_{os.path.basename(self.path(later))}")
                shutil.rmtree(aside, ignore_errors=True)
                os.rename(self.path(later), aside)

    def read(self, step, state, kind="step", everything=False):
        """Sets variables to a checkpoint's values.

        Args:
            step, kind: see `steps`.
            state: see `save`; a part of it will do unless `everything`.
            everything: bool.

        Raises:
            UserError: the checkpoint is of other networks or of another version's.
        """
        try:
            status = tf.train.Checkpoint(**state).read(os.path.join(self.path(step, kind), "state"))
            if everything:
                status.assert_consumed()
            else:
                status.assert_existing_objects_matched().expect_partial()
        except (tf.errors.OpError, AssertionError, IndexError, ValueError) as error:
            raise UserError(
                f"The checkpoint {self.path(step, kind)} cannot be read "
                f"({str(error).splitlines()[0]}); it was written by version "
                f"{self._content(step, kind).get('version', 'before 0.4.0')}, this is "
                f"{self.version}. Remove that folder to go on without it."
            ) from error

    def path(self, step, kind="step"):
        """Returns a checkpoint's folder."""
        return os.path.join(self.folder, f"{kind}_{step:06d}")

    def _seal(self, folder):
        content = {"version": self.version, "sha256": _checksums(folder)}
        write_whole(os.path.join(folder, _SEAL), json.dumps(content, indent=1).encode())

    def _is_whole(self, step, kind):
        """Whether the files are those that were written; old versions noted no checksums."""
        try:
            content = self._content(step, kind)
            return not content or content["sha256"] == _checksums(self.path(step, kind))
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def _content(self, step, kind):
        path = os.path.join(self.path(step, kind), _SEAL)
        if not os.path.exists(path):
            return {}
        with open(path, encoding="utf-8") as file:
            return json.load(file)


def _checksums(folder):
    """Returns dict of file name to SHA-256 of all files but the checksums' own."""
    sums = {}
    for name in sorted(os.listdir(folder)):
        if name != _SEAL:
            with open(os.path.join(folder, name), "rb") as file:
                sums[name] = hashlib.sha256(file.read()).hexdigest()
    return sums
