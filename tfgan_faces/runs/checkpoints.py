"""A run's checkpoints: written atomically with checksums, and read only if these match."""

import hashlib
import itertools
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
_CHECKSUMS, _STATE = "checksums.json", "state"
_KINDS = ("step", "best")
_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"  # how TensorFlow names the values of a list
# Versions up to 0.8 did not list a checkpoint's parts. These were added after the first version.
_ADDED_IN = {"running_of_critic": "0.8.0"}
_OPTIONAL_PREFIX = "running"  # the parts with this prefix may be missing from a checkpoint


class Checkpoints:
    """The checkpoints in a folder, each in a separate subfolder.

    Args:
        folder: str; it need not exist yet.
        version: str, the version of this package, stored in each checkpoint.
    """

    def __init__(self, folder, version):
        self.folder, self.version = as_path(folder), version

    def steps(self, kind="step"):
        """Returns the steps that have a checkpoint, in ascending order; ignores other folders.

        Args:
            kind: `"step"` for checkpoints to resume from, `"best"` for the one with the best faces.
        """
        found = filter(None, map(_NAME.match, names_in(self.folder)))
        return sorted(
            int(match[2])
            for match in found
            if match[1] == kind and _contains_checkpoint(self.folder / match[0])
        )

    def save(self, step, state, kind, kept):
        """Writes a checkpoint, which replaces one of the same step, and removes old ones.

        Old ones are removed only after the new one has been read back.

        Args:
            step: int.
            state: dict of name to list of `tf.Variable`.
            kind: see `steps`.
            kept: int, the number of checkpoints of this kind to keep.
        """
        self._check_replaceable(self.path(step, kind))
        with atomic_directory(self.path(step, kind)) as folder:
            tf.train.Checkpoint(**state).write(os.fspath(folder / _STATE))
            self._write_checksums(folder, sorted(state))
        if self._is_intact(step, kind):
            others = [other for other in self.steps(kind) if other != step]
            for old in others[: -kept + 1 or None]:
                remove_folder(self.path(old, kind))

    def newest(self, kind="step"):
        """Returns the step of the newest intact checkpoint, or None.

        Skips damaged ones with a warning.
        """
        for step in reversed(self.steps(kind)):
            if self._is_intact(step, kind):
                return step
            _logger.warning(
                "The checkpoint %s is damaged (its checksums do not match); using the one before.",
                self.path(step, kind),
            )
        return None

    def clear(self, step):
        """Removes what killed processes left unfinished, and moves checkpoints after `step` aside.

        Those are damaged, or belong to a training that collapsed, whose best checkpoint does not
        count as the best of the run.

        Args:
            step: int, the step to resume from.
        """
        for name in names_in(self.folder):
            if _WRITING.fullmatch(name) and _contains_only_checkpoint(self.folder / name):
                remove_folder(self.folder / name)
        for kind in _KINDS:
            for later in self.steps(kind):
                if later > step:
                    self._move_aside(self.path(later, kind))

    def read(self, step, state, kind="step", everything=False):
        """Sets variables to a checkpoint's values.

        Running means that the checkpoint's version did not save keep their values, as in a new
        run.

        Args:
            step, kind: see `steps`.
            state: see `save`; may contain only some of the parts unless `everything`.
            everything: bool, whether all of the checkpoint must be read.

        Raises:
            UserError: the checkpoint contains other networks, or is from an incompatible version.
        """
        content = self._content(step, kind)
        version = content.get("version")
        state = {
            name: variables
            for name, variables in state.items()
            if not name.startswith(_OPTIONAL_PREFIX) or _has_part(content, name)
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
                f"({str(error).splitlines()[0]}). It was written by version "
                f"{version or '0.3 or older'}, this is {self.version}. Remove that folder to "
                "continue without it."
            ) from error

    def values(self, step, part):
        """Returns the values of a part, without the networks that they belong to.

        Args:
            step: int, see `steps`.
            part: str, a name in the saved state.

        Returns:
            List of arrays, in the order of the saved variables.
        """
        with without_patterns(self.path(step)) as folder:
            reader = tf.train.load_checkpoint(os.path.join(folder, _STATE))
            keys = (f"{part}/{index}{_VALUE}" for index in itertools.count())
            saved = itertools.takewhile(reader.has_tensor, keys)
            return [reader.get_tensor(key) for key in saved]

    def parts(self, step):
        """Returns the set of the names of a checkpoint's parts.

        Returns None for a checkpoint up to version 0.8, and for a damaged one.
        """
        try:
            parts = self._content(step, "step").get("parts")
        except ValueError:
            return None
        return None if parts is None else set(parts)

    def path(self, step, kind="step"):
        """Returns a checkpoint's folder."""
        return self.folder / f"{kind}_{step:06d}"

    def _move_aside(self, path):
        aside = self.folder / f"aside_{path.name}"
        self._check_replaceable(aside)
        remove_folder(aside)
        path.rename(aside)

    def _check_replaceable(self, path):
        """Raises UserError if `path` is a non-empty folder without a checkpoint."""
        if names_in(path) and not _contains_checkpoint(path):
            raise UserError(
                f"--run_dir: {path} is in the way of a checkpoint, but is not a checkpoint of "
                "tfgan_faces. Move it, or choose another --run_dir."
            )

    def _write_checksums(self, folder, parts):
        content = {"version": self.version, "parts": parts, "sha256": _file_checksums(folder)}
        write_atomic(folder / _CHECKSUMS, json.dumps(content, indent=1).encode())

    def _is_intact(self, step, kind):
        """Whether the files match their checksums."""
        try:
            content = self._content(step, kind)
            if not content:  # old versions wrote no checksums, and supported no object stores
                return not is_remote(self.folder)
            return content["sha256"] == _file_checksums(self.path(step, kind))
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def _content(self, step, kind):
        """Returns what the file of checksums says; raises ValueError if it is damaged."""
        path = self.path(step, kind) / _CHECKSUMS
        content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if not isinstance(content, dict):
            raise ValueError(f"{path} contains no JSON object")
        return content


def _has_part(content, name):
    if "parts" in content:
        return name in content["parts"]
    return not is_older(content.get("version"), _ADDED_IN.get(name, ""))


def _contains_checkpoint(folder):
    """Whether a folder contains files of a checkpoint, which may be damaged."""
    return any(name == _CHECKSUMS or _is_state_file(name) for name in names_in(folder))


def _contains_only_checkpoint(folder):
    """Whether a folder contains only files of a checkpoint, such as TensorFlow's temporary ones."""
    names = names_in(folder)
    checksums = (_CHECKSUMS, f".{_CHECKSUMS}")  # the latter with a number while it is written
    return all(name.startswith(checksums) or _is_state_file(name) for name in names)


def _is_state_file(name):
    return name.startswith((f"{_STATE}.", f"{_STATE}_temp"))


def _file_checksums(folder):
    """Returns a dict of file name to SHA-256 for all files except the checksum file."""
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in names_in(folder)
        if name != _CHECKSUMS
    }
