"""Requests that TF Serving replays when it loads a version, before it answers others."""

import importlib.util
import os

import tensorflow as tf

from tfgan_faces.errors import UserError
from tfgan_faces.serving.conventions import BATCH_SIZES, MODEL_NAME
from tfgan_faces.serving.examples import example_requests

_FILE = os.path.join("assets.extra", "tf_serving_warmup_requests")


def is_available():
    """Whether tensorflow-serving-api, which defines the records, is installed."""
    return importlib.util.find_spec("tensorflow_serving") is not None


def is_wanted(warmup):
    """Whether an export with `--warmup` of this value holds warm-up requests.

    Raises:
        UserError: it should, but tensorflow-serving-api is not installed.
    """
    if warmup == "on" and not is_available():
        raise UserError(
            "--warmup=on needs tensorflow-serving-api; install it with "
            "pip install 'tfgan_faces[serving]', or export without warm-up by --warmup=off."
        )
    return warmup == "on" or (warmup == "auto" and is_available())


def write_warmup(folder, latent_dim):
    """Writes a record for every signature and every batch size of the batching configuration.

    Args:
        folder: a SavedModel's.
        latent_dim: int.
    """
    path = os.path.join(folder, _FILE)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with tf.io.TFRecordWriter(path) as writer:
        for count in BATCH_SIZES:
            for signature, inputs in example_requests(latent_dim, count).items():
                writer.write(_record(signature, inputs).SerializeToString())


def read_warmup(folder):
    """Yields signature and inputs (dict of name to array) of a SavedModel's warm-up requests."""
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
