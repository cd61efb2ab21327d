"""Loads the newest published version of a folder, and newer ones as they appear."""

import logging
import os
import threading

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from tfgan_faces.serving.publishing import newest_version, versions_in
from tfgan_faces.serving.warmup import read_warmup
from tfgan_faces.storage.paths import without_patterns

_logger = logging.getLogger(__name__)

_SECONDS = 1.0  # between two checks of the folder


def _identity(folder):
    """Returns the folder, and the inode and the time of its graph; None if there is no graph."""
    try:
        found = os.stat(os.path.join(folder, "saved_model.pb"))
    except FileNotFoundError:
        return None
    return folder, found.st_ino, found.st_mtime_ns


class LoadedVersion:
    """One loaded version.

    Args:
        folder: the version's folder. Its name is the version's number.

    Attributes:
        number: int.
        identity: what distinguishes its files from those of another version of the same number.
        definitions: dict of signature name to `SignatureDef`.
    """

    def __init__(self, folder):
        self.number, self.identity = int(os.path.basename(folder)), _identity(folder)
        with without_patterns(folder) as path:
            self._model = tf.saved_model.load(path)  # keeps its functions alive
        with open(os.path.join(folder, "saved_model.pb"), "rb") as file:
            saved = saved_model_pb2.SavedModel.FromString(file.read())
        for signature, inputs in read_warmup(folder):  # fails if one is bad, as TF Serving does
            self.predict(signature, inputs)
        self.definitions = {
            name: definition
            for name, definition in saved.meta_graphs[0].signature_def.items()
            if name in self._model.signatures
        }

    def inputs(self, signature):
        """Returns a signature's inputs: dict of name to `tf.TensorSpec`."""
        return self._model.signatures[signature].structured_input_signature[1]

    def specs(self):
        """Returns dict of signature name to (inputs, outputs), two dicts of `tf.TensorSpec`."""
        return {
            name: (self.inputs(name), self._model.signatures[name].structured_outputs)
            for name in self.definitions
        }

    def predict(self, signature, inputs):
        """Returns a signature's outputs: dict of name to array.

        Args:
            signature: str.
            inputs: dict of input name to array.

        Raises:
            tf.errors.InvalidArgumentError: the inputs have wrong shapes.
        """
        inputs = {name: tf.constant(values) for name, values in inputs.items()}
        outputs = self._model.signatures[signature](**inputs)
        return {name: value.numpy() for name, value in outputs.items()}


class LoadedVersions:
    """Holds the newest version of a base path, and checks for newer ones every second.

    A version that cannot be loaded is logged once, and the previous version stays loaded.

    Args:
        base_path: folder of the numbered versions. It may be empty.
    """

    def __init__(self, base_path):
        self._base_path = base_path
        self._newest, self._failed = None, {}
        self._stopped = threading.Event()
        self.refresh()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def newest(self):
        """The `LoadedVersion` that serves requests, or None."""
        return self._newest

    def find(self, number=None):
        """Returns the `LoadedVersion` of a number, or the newest; None if it is not loaded."""
        newest = self._newest
        return newest if newest and number in (None, newest.number) else None

    def states(self):
        """Returns dict of version number to an error message, or None for the loaded version."""
        serving = {} if self._newest is None else {self._newest.number: None}
        return {**self._failed, **serving}

    def refresh(self):
        """Loads the newest version, unless it is loaded already or has failed to load."""
        present = set(map(int, versions_in(self._base_path)))
        self._failed = {key: error for key, error in self._failed.items() if key in present}
        folder = newest_version(self._base_path)
        number = folder and int(os.path.basename(folder))
        if number is None or number in self._failed or self._serves(folder):
            return
        try:
            self._newest = LoadedVersion(folder)
            _logger.info("Serving version %d", number)
        except Exception as error:  # broken files raise many types of errors
            self._failed[number] = str(error)
            _logger.warning("Version %d cannot be loaded: %s", number, error)

    def _serves(self, folder):
        """Whether a folder's version is loaded: its number may be used again after a removal."""
        return self._newest is not None and self._newest.identity == _identity(folder)

    def stop(self):
        """Stops checking for newer versions."""
        self._stopped.set()
        self._thread.join()

    def _watch(self):
        while not self._stopped.wait(_SECONDS):
            try:
                self.refresh()
            except OSError as error:  # the folder may disappear while it is listed
                _logger.warning("Cannot check %s for new versions: %s", self._base_path, error)
