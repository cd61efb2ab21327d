"""Warm-up requests. TF Serving replays them when it loads a version, before it serves others."""

import importlib.util
import os

import tensorflow as tf

from tfgan_faces.arguments import check_choice
from tfgan_faces.errors import UserError
from tfgan_faces.serving.conventions import BATCH_SIZES, MODEL_NAME
from tfgan_faces.serving.signatures import example_requests

_FILE = os.path.join("assets.extra", "tf_serving_warmup_requests")


def is_available():
    """Returns whether tensorflow-serving-api, which defines the record format, is installed."""
    return importlib.util.find_spec("tensorflow_serving") is not None


def is_wanted(warmup):
    """Returns whether an export with this value of `--warmup` includes warm-up requests.

    Raises:
        UserError: warm-up is on, but tensorflow-serving-api is not installed.
        ValueError: there is no such value.
    """
    check_choice(warmup, ("auto", "on", "off"), "warmup")
    if warmup == "on" and not is_available():
        raise UserError(
            "--warmup=on needs tensorflow-serving-api; install it with "
            "pip install 'tfgan_faces[serving]', or disable warm-up with --warmup=off."
        )
    return warmup == "on" or (warmup == "auto" and is_available())


def write_warmup(folder, generator):
    """Writes a warm-up record for each signature and each size in `BATCH_SIZES`.

    Args:
        folder: the SavedModel's folder.
        generator: Keras model.
    """
    path = os.path.join(folder, _FILE)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with tf.io.TFRecordWriter(path) as writer:
        for count in BATCH_SIZES:
            for signature, inputs in example_requests(generator, count).items():
                writer.write(_record(signature, inputs).SerializeToString())


def read_warmup(folder):
    """Yields (signature, dict of input name to array) for each warm-up request of a SavedModel."""
    path = os.path.join(folder, _FILE)
    if os.path.exists(path) and is_available():
        from tensorflow_serving.apis import prediction_log_pb2

        for record in tf.data.TFRecordDataset(path):
            log = prediction_log_pb2.PredictionLog.FromString(record.numpy())
            request = log.predict_log.request
            inputs = {name: tf.make_ndarray(tensor) for name, tensor in request.inputs.items()}
            yield request.model_spec.signature_name, inputs


def _record(signature, inputs):
    from tensorflow_serving.apis import prediction_log_pb2

    record = prediction_log_pb2.PredictionLog()
    request = record.predict_log.request
    request.model_spec.name, request.model_spec.signature_name = MODEL_NAME, signature
    for name, values in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(values))
    return record
