"""Loads a SavedModel as TF Serving does, and compares its images. Run it as a script.

echo '["SAVED_MODEL_DIR", "EXPECTED.npz", TOLERANCE]' | python verify_saved_model.py

EXPECTED.npz holds arrays `<signature>/input/<name>` and `<signature>/images`. Warm-up records are
replayed if the model has any.
"""

import json
import os
import sys

import numpy as np
import tensorflow as tf


def main(folder, expected_path, tolerance):
    expected = np.load(expected_path)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        model = Model(session, folder)
        for signature in sorted({name.split("/")[0] for name in expected.files}):
            prefix = f"{signature}/input/"
            inputs = {
                name.removeprefix(prefix): expected[name]
                for name in expected.files
                if name.startswith(prefix)
            }
            compare(model, signature, inputs, expected[f"{signature}/images"], tolerance)
        warmup = os.path.join(folder, "assets.extra", "tf_serving_warmup_requests")
        if os.path.exists(warmup):
            replay(model, warmup)
    if any(name.split(".")[0] == "tfgan_faces" for name in sys.modules):
        sys.exit("the verification imported tfgan_faces")


class Model:
    """Runs the signatures of a SavedModel in a session."""

    def __init__(self, session, folder):
        self.session = session
        self.signatures = tf.compat.v1.saved_model.load(session, ["serve"], folder).signature_def
        self.png = tf.compat.v1.placeholder(tf.string, ())
        self.decoded = tf.io.decode_png(self.png, 3)

    def run(self, signature, inputs):
        """Returns a signature's images. PNGs are decoded."""
        graph, definition = self.session.graph, self.signatures[signature]
        if set(inputs) != set(definition.inputs):
            sys.exit(f"{signature} takes {sorted(definition.inputs)}, not {sorted(inputs)}")
        feeds = {
            graph.get_tensor_by_name(definition.inputs[name].name): values
            for name, values in inputs.items()
        }
        ((name, output),) = definition.outputs.items()
        values = self.session.run(graph.get_tensor_by_name(output.name), feeds)
        if name != "png_bytes":
            return values
        return np.stack([self.session.run(self.decoded, {self.png: png}) for png in values])


def compare(model, signature, inputs, wanted, tolerance):
    for rows in (slice(None), slice(0, 1)):  # the whole batch, then its first row alone
        images = model.run(signature, {name: values[rows] for name, values in inputs.items()})
        expected = wanted[rows]
        if images.shape != expected.shape or images.dtype != np.uint8:
            sys.exit(f"{signature} gives {images.dtype} {images.shape}, not uint8 {expected.shape}")
        difference = np.abs(images.astype(int) - expected.astype(int)).max()
        if difference > tolerance:
            sys.exit(f"images of {signature} differ by {difference} grey levels")


def replay(model, path):
    from tensorflow_serving.apis import prediction_log_pb2

    for record in tf.compat.v1.io.tf_record_iterator(path):
        request = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
        inputs = {name: tf.make_ndarray(tensor) for name, tensor in request.inputs.items()}
        model.run(request.model_spec.signature_name, inputs)


if __name__ == "__main__":
    main(*json.load(sys.stdin))
