"""Published versions in memory: the newest one of a folder, followed as it changes."""

import logging
import os
import threading

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from tfgan_faces.serving.publishing import newest_version, versions_in
from tfgan_faces.serving.warmup import read_warmup
from tfgan_faces.storage.paths import without_patterns

_logger = logging.getLogger(__name__)

_SECONDS = 1.0  # between two looks into the folder


class LoadedVersion:
    """One version's signatures.

    Args:
        folder: its folder, named by its number.

    Attributes:
        number: int.
        definitions: dict of signature name to `SignatureDef`.
    """

    def __init__(self, folder):
        self.number = int(os.path.basename(folder))
        with without_patterns(folder) as path:
            self._model = tf.saved_model.load(path)  # kept: its functions need it
        with open(os.path.join(folder, "saved_model.pb"), "rb") as file:
            saved = saved_model_pb2.SavedModel.FromString(file.read())
        for signature, inputs in read_warmup(folder):  # a bad one fails the load, as it does there
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
        """Returns dict of signature name to its inputs and outputs, dicts of `tf.TensorSpec`."""
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
            tf.errors.InvalidArgumentError: the inputs' shapes do not fit.
        """
        inputs = {name: tf.constant(values) for name, values in inputs.items()}
        outputs = self._model.signatures[signature](**inputs)
        return {name: value.numpy() for name, value in outputs.items()}


class LoadedVersions:
    """Holds the newest version of a base path, and looks for newer ones every second.

    A version that cannot be loaded is told of once, and the one before stays.

    Args:
        base_path: folder of the numbered versions; it may be empty yet.
    """

    def __init__(self, base_path):
        self._base_path = base_path
        self._newest, self._failed = None, {}
        self._stopped = threading.Event()
        self.refresh()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    @property
    def newest(self):
        """The `LoadedVersion` to answer with, or None."""
        return self._newest

    def find(self, number=None):
        """Returns the `LoadedVersion` of a number, None for the newest; None if it is not there."""
        newest = self._newest
        return newest if newest and number in (None, newest.number) else None

    def states(self):
        """Returns dict of version number to an error's text, or None for the one that serves."""
        serving = {} if self._newest is None else {self._newest.number: None}
        return {**self._failed, **serving}

    def refresh(self):
        """Loads the newest version if it is another than the one that serves."""
        there = set(map(int, versions_in(self._base_path)))
        self._failed = {number: error for number, error in self._failed.items() if number in there}
        folder = newest_version(self._base_path)
        number = folder and int(os.path.basename(folder))
        serving = self._newest and self._newest.number
        if number is None or number == serving or number in self._failed:
            return
        try:
            self._newest = LoadedVersion(folder)
            _logger.info("Serving version %d", number)
        except Exception as error:  # of any kind that a broken file makes
            self._failed[number] = str(error)
            _logger.warning("Version %d cannot be loaded: %s", number, error)

    def stop(self):
        """Ends the looking for newer versions."""
        self._stopped.set()
        self._thread.join()

    def _follow(self):
        while not self._stopped.wait(_SECONDS):
            try:
                self.refresh()
            except OSError as error:  # a folder that goes while it is listed
                _logger.warning("%s cannot be looked at: %s", self._base_path, error)
