"""A run's checkpoints: written whole, with checksums, and read back only if they still agree."""

import hashlib
import json
import logging
import os
import re

import tensorflow as tf

from tfgan_faces.config.fields import is_older
from tfgan_faces.errors import UserError
from tfgan_faces.storage.files import atomic_directory, names_in, remove_folder, write_atomic
from tfgan_faces.storage.paths import as_path, is_remote, without_patterns

_logger = logging.getLogger(__name__)

_NAME = re.compile(r"(step|best)_(\d+)$")
_WRITING = re.compile(r"\.writing_(step|best)_\d+_\d+")
_SEAL, _STATE = "checksums.json", "state"
_KINDS = ("step", "best")
# Versions up to 0.8 did not list a checkpoint's parts; these came later than the first version.
_SINCE = {"running_of_critic": "0.8.0"}
_MEASURES = "running"  # how the names of parts begin that a run can start without


class Checkpoints:
    """The checkpoints in a folder, each in a folder of its own.

    Args:
        folder: str; it need not exist yet.
        version: str, of this package, noted in each checkpoint.
    """

    def __init__(self, folder, version):
        self.folder, self.version = as_path(folder), version

    def steps(self, kind="step"):
        """Returns the steps that have a checkpoint, in order; other folders do not count.

        Args:
            kind: `"step"` for those to go on from, `"best"` for that of the best faces.
        """
        found = filter(None, map(_NAME.match, names_in(self.folder)))
        return sorted(
            int(match[2])
            for match in found
            if match[1] == kind and _holds_a_checkpoint(self.folder / match[0])
        )

    def save(self, step, state, kind, kept):
        """Writes a checkpoint, in the place of any of the same step, and removes old ones.

        Nothing is removed before it has been read back.

        Args:
            step: int.
            state: dict of name to list of `tf.Variable`.
            kind: see `steps`.
            kept: int, the number of checkpoints of the kind that stay.
        """
        self._refuse_others(self.path(step, kind))
        with atomic_directory(self.path(step, kind)) as folder:
            tf.train.Checkpoint(**state).write(os.fspath(folder / _STATE))
            self._seal(folder, sorted(state))
        if self._is_whole(step, kind):
            others = [other for other in self.steps(kind) if other != step]
            for old in others[: -kept + 1 or None]:
                remove_folder(self.path(old, kind))

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

        Those are damaged ones, or of a training that collapsed; the best of it is no longer
        the best of the run.

        Args:
            step: int, the step to go on from.
        """
        for name in names_in(self.folder):
            if _WRITING.fullmatch(name) and _is_a_checkpoints(self.folder / name):
                remove_folder(self.folder / name)
        for kind in _KINDS:
            for later in self.steps(kind):
                if later > step:
                    self._put_aside(self.path(later, kind))

    def read(self, step, state, kind="step", everything=False):
        """Sets variables to a checkpoint's values.

        Running means that its version did not have keep theirs, as in a new run.

        Args:
            step, kind: see `steps`.
            state: see `save`; a part of it will do unless `everything`.
            everything: bool.

        Raises:
            UserError: the checkpoint is of other networks or of another version's.
        """
        content = self._content(step, kind)
        version = content.get("version")
        state = {
            name: variables
            for name, variables in state.items()
            if not name.startswith(_MEASURES) or _has_part(content, name)
        }
        try:
            with without_patterns(self.path(step, kind)) as folder:
                status = tf.train.Checkpoint(**state).read(os.path.join(folder, _STATE))
                if everything:
                    status.assert_consumed()
                else:
                    status.assert_existing_objects_matched().expect_partial()
        except (tf.errors.OpError, AssertionError, IndexError, ValueError) as error:
            raise UserError(
                f"The checkpoint {self.path(step, kind)} cannot be read "
                f"({str(error).splitlines()[0]}); it was written by version "
                f"{version or 'before 0.4.0'}, this is "
                f"{self.version}. Remove that folder to go on without it."
            ) from error

    def path(self, step, kind="step"):
        """Returns a checkpoint's folder."""
        return self.folder / f"{kind}_{step:06d}"

    def _put_aside(self, path):
        aside = self.folder / f"aside_{path.name}"
        self._refuse_others(aside)
        remove_folder(aside)
        path.rename(aside)

    def _refuse_others(self, path):
        """Raises UserError where a name that is wanted belongs to what is no checkpoint."""
        if names_in(path) and not _holds_a_checkpoint(path):
            raise UserError(
                f"--run_dir: {path} is in the way of a checkpoint, and no checkpoint of "
                "tfgan_faces. Move it, or name another --run_dir."
            )

    def _seal(self, folder, parts):
        content = {"version": self.version, "parts": parts, "sha256": _checksums(folder)}
        write_atomic(folder / _SEAL, json.dumps(content, indent=1).encode())

    def _is_whole(self, step, kind):
        """Whether the files are those that were written."""
        try:
            content = self._content(step, kind)
            if not content:  # old versions noted no checksums, and knew no object stores
                return not is_remote(self.folder)
            return content["sha256"] == _checksums(self.path(step, kind))
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def _content(self, step, kind):
        path = self.path(step, kind) / _SEAL
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _has_part(content, name):
    if "parts" in content:
        return name in content["parts"]
    return not is_older(content.get("version"), _SINCE.get(name, ""))


def _holds_a_checkpoint(folder):
    """Whether there are files of a checkpoint, which may be damaged."""
    return any(name == _SEAL or _is_of_state(name) for name in names_in(folder))


def _is_a_checkpoints(folder):
    """Whether there is nothing else: TensorFlow's parts of it may be there, too."""
    names = names_in(folder)
    return all(name in (_SEAL, f".{_SEAL}") or _is_of_state(name) for name in names)


def _is_of_state(name):
    return name.startswith((f"{_STATE}.", f"{_STATE}_temp"))


def _checksums(folder):
    """Returns dict of file name to SHA-256 of all files but the checksums' own."""
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in names_in(folder)
        if name != _SEAL
    }
