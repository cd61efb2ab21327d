"""The folder of a run, which training writes and sampling, export and evaluation read."""

import itertools
import json
import os

import keras

from tfgan_faces.arguments import check_choice
from tfgan_faces.errors import UserError
from tfgan_faces.models.configured import generator_of
from tfgan_faces.runs import run_settings
from tfgan_faces.runs.checkpoints import Checkpoints
from tfgan_faces.runs.metrics_csv import DISTANCES, MetricsCsv
from tfgan_faces.storage.files import names_in, write_atomic
from tfgan_faces.storage.locking import locked
from tfgan_faces.storage.paths import as_path
from tfgan_faces.version import VERSION

_KEPT_CHECKPOINTS = 3
_NETWORKS = ("generator", "discriminator", "averaged_generator")  # the parts with the networks


class RunDirectory:
    """A run's settings, checkpoints, curves and samples.

    Args:
        path: the folder; it need not exist yet.
    """

    def __init__(self, path):
        self.path = path
        self.monitor = os.path.join(path, "monitor.png")
        self.samples = os.path.join(path, "samples")
        self.tensorboard = os.path.join(path, "tensorboard")
        self._rollbacks = as_path(path) / "rollbacks.json"
        self._config = as_path(path) / run_settings.NAME
        self._checkpoints = Checkpoints(os.path.join(path, "checkpoints"), VERSION)

    def sample(self, step):
        """Returns the path of the sample grid of a step."""
        return os.path.join(self.samples, f"step_{step:06d}.png")

    def metrics(self):
        """Returns the run's `MetricsCsv`."""
        return MetricsCsv(os.path.join(self.path, "metrics.csv"))

    def distances(self):
        """Returns the `MetricsCsv` of evaluations during training."""
        return MetricsCsv(os.path.join(self.path, "distances.csv"), DISTANCES)

    def check(self, config):
        """Raises UserError unless this folder is empty or contains a run with these settings.

        Args:
            config: resolved `Config`.
        """
        if self._config.exists():
            run_settings.check_same(config, self.config(), self.path)
        elif any(name[0] != "." for name in names_in(self.path)):
            raise UserError(
                f"--run_dir: {self.path} is not empty and contains no config.json; "
                "choose a new or empty folder."
            )

    def check_resumable(self):
        """Raises UserError if this folder contains trained networks without their training."""
        steps = self.steps()
        if steps and self._checkpoints.parts(steps[-1]) == {*_NETWORKS}:
            raise UserError(
                f"--run_dir: {self.path} contains trained networks only, which cannot be resumed. "
                f"Choose another --run_dir, with --init_from={self.path} to start from them."
            )

    def settled(self, config):
        """Returns a config with this run's values of what only the photos can resolve, if any."""
        return config.settled_like(self.config()) if self._config.exists() else config

    def begin(self, config, photos, labels=None):
        """Writes the settings, which may differ in paths and steps when a run is resumed.

        Args:
            config: resolved `Config`.
            photos: str, a digest that changes when the photos do.
            labels: dict of label to its share of the photos, or None.

        Raises:
            UserError: the folder contains another run, or the photos or their labels have changed.
        """
        self.check(config)
        if self._config.exists():
            self.check_photos(photos)
            if self.labels() != labels:
                raise UserError(
                    f"--labels: the labels of the photos have changed since the run in {self.path} "
                    "began; choose another --run_dir to train with them."
                )
        settings = run_settings.RunSettings(config, photos, labels)
        write_atomic(self._config, settings.to_json())

    def labels(self):
        """Returns the run's labels, a dict of label to its share of the photos, or None."""
        return self._settings().labels

    def check_photos(self, photos):
        """Raises UserError if the photos have changed since the run began.

        Args:
            photos: see `begin`.
        """
        if self.photos() != photos:
            raise UserError(
                f"--run_dir: the photos have changed since the run in {self.path} began; "
                "choose another --run_dir to train on them."
            )

    def config(self):
        """Returns the run's settings.

        Raises:
            UserError: the folder contains no run, or its config.json is invalid.
        """
        return self._settings().config

    def photos(self):
        """Returns the digest of the run's photos, see `begin`."""
        return self._settings().photos

    def _settings(self):
        found = run_settings.read_settings(self.path)
        if found is None:
            raise UserError(
                f"--run_dir: there is no run in {self.path} (no config.json); "
                "train one first with --mode=train, or choose another folder."
            )
        return found

    def locked(self):
        """Returns a context in which no other process can train in this folder.

        Raises:
            UserError: another process is training in it.
        """
        return locked(os.path.join(self.path, ".lock"), self._refuse)

    def _refuse(self, holder):
        raise UserError(
            f"--run_dir: process {holder} is training in {self.path}; wait for it, or choose "
            "another folder."
        )

    def steps(self, kind="step"):
        """Returns the steps that have a checkpoint, see `Checkpoints.steps`."""
        return self._checkpoints.steps(kind)

    def has_checkpoint(self):
        """Whether there is an intact checkpoint."""
        return self._checkpoints.newest() is not None

    def save(self, step, state):
        """Writes a checkpoint atomically, and removes old ones.

        Args:
            step: int.
            state: dict of name to list of `tf.Variable`, see `Trainer.state`.
        """
        self._checkpoints.save(step, state, "step", _KEPT_CHECKPOINTS)

    def save_best(self, step, state):
        """Writes the checkpoint of the best faces so far, which replaces the previous one."""
        self._checkpoints.save(step, state, "best", 1)

    def restore(self, state):
        """Sets all variables to the values of the newest intact checkpoint.

        Damaged checkpoints after it are moved aside.

        Returns:
            The checkpoint's step, or 0 if there are no checkpoints.

        Raises:
            UserError: the checkpoint contains other networks, or all are damaged.
        """
        step = self._checkpoints.newest()
        if step is None and self.steps():
            raise UserError(
                f"--run_dir: all checkpoints in {self._checkpoints.folder} are damaged; remove "
                "that folder to start over."
            )
        self._checkpoints.clear(step or 0)
        if step is not None:
            self._checkpoints.read(step, state, everything=True)
        return step or 0

    def network_values(self):
        """Returns the networks of the newest checkpoint.

        Returns:
            The checkpoint's step, and a dict of part to list of arrays, see `save`; None and None
            if no checkpoint is intact.
        """
        step = self._checkpoints.newest()
        if step is None:
            return None, None
        return step, {name: self._checkpoints.values(step, name) for name in _NETWORKS}

    def rollbacks(self):
        """Returns the rollbacks so far: list of dicts with `step`, `warning` and `to`."""
        if not self._rollbacks.exists():
            return []
        try:
            rows = json.loads(self._rollbacks.read_text(encoding="utf-8"))
        except ValueError as error:
            raise UserError(f"{self._rollbacks} is damaged ({error}); restore it.") from error
        # Up to version 0.8, the key of the warning was "sign".
        return [{**row, "warning": row.get("warning", row.get("sign"))} for row in rows]

    def roll_back(self, step, warning):
        """Moves the checkpoints of a collapsed training aside, and records the rollback.

        Args:
            step: int, the step by which the training had collapsed.
            warning: str, the name of the warning.

        Returns:
            The step of the last checkpoint before the consecutive warnings that end with this
            one, or None if no such checkpoint exists.
        """
        before = reversed([row for row in self.metrics().rows if row["step"] <= step])
        warned = itertools.takewhile(lambda row: row["warning"], before)
        first = min((row["step"] for row in warned), default=step)
        healthy = [kept for kept in self.steps() if kept < first]
        if not healthy:
            return None
        rollbacks = [*self.rollbacks(), {"step": step, "warning": warning, "to": healthy[-1]}]
        write_atomic(self._rollbacks, (json.dumps(rollbacks, indent=1) + "\n").encode())
        self._checkpoints.clear(healthy[-1])
        return healthy[-1]

    def averaged_generator(self, precision="float32", checkpoint="newest", label=None):
        """Returns the averaged generator of a checkpoint, and the checkpoint's step.

        It is ready for inference: its batch-norm statistics were measured when it was saved.

        Args:
            precision: Keras dtype policy of its layers, which may differ from the training's.
            checkpoint: `"newest"`, or `"best"` by the evaluations during training.
            label: str, the label of all its images; by default, the latents choose.

        Raises:
            UserError: the folder contains no run, or the run has no such checkpoint yet, or no
                such label.
        """
        check_choice(checkpoint, ("newest", "best"), "checkpoint")
        config, kind = self.config(), "best" if checkpoint == "best" else "step"
        labels = self.labels()
        if label is not None and label not in (labels or ()):
            raise UserError(
                f"--label must be {' or '.join(labels)}, a label of the run. Received: {label}"
                if labels
                else f"--label: the run in {self.path} has no labels; train one with --labels."
            )
        step = self._checkpoints.newest(kind)
        if step is None and kind == "best":
            raise UserError(
                f"--checkpoint: the run in {self.path} has no best checkpoint; "
                "train with --evaluate_every=STEPS, or use --checkpoint=newest."
            )
        if step is None:
            raise UserError(
                f"--run_dir: the run in {self.path} has no checkpoint yet; train it first."
            )
        # A clone like that of the training: its layers with a dropout rate of 0 have no seed.
        generator = keras.models.clone_model(generator_of(config, labels, precision))
        if label is not None:
            generator.get_layer("label").label = list(labels).index(label)
        variables = [variable.value for variable in generator.variables]
        self._checkpoints.read(step, {"averaged_generator": variables}, kind)
        return generator, step
