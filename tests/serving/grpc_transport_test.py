import threading
from concurrent import futures

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from tfgan_faces.errors import UserError
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.serving import Client
from tfgan_faces.serving.loaded_versions import LoadedVersion


class Predictions(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Serves an exported version, after a list of errors."""

    def __init__(self, version):
        self.version, self.errors, self.requests = version, [], []
        self.waits_for = None

    def Predict(self, request, context):  # noqa: N802
        self.requests.append(request.model_spec)
        if self.waits_for:
            self.waits_for.wait()
        if self.errors:
            context.abort(*self.errors.pop(0))
        inputs = {name: tf.make_ndarray(tensor) for name, tensor in request.inputs.items()}
        outputs = self.version.predict(request.model_spec.signature_name, inputs)
        response = predict_pb2.PredictResponse()
        for name, values in outputs.items():
            response.outputs[name].CopyFrom(tf.make_tensor_proto(values))
        return response


class Models(model_service_pb2_grpc.ModelServiceServicer):
    def GetModelStatus(self, request, context):  # noqa: N802
        response = get_model_status_pb2.GetModelStatusResponse()
        response.model_version_status.add(version=4, state="AVAILABLE")
        return response


@pytest.fixture(scope="module")
def serving(exported):
    predictions = Predictions(LoadedVersion(exported))
    server = grpc.server(futures.ThreadPoolExecutor(2))
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(predictions, server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(Models(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield Client(f"grpc://127.0.0.1:{port}", timeout=20.0), predictions, port
    server.stop(None)


def test_faces_of_seeds_and_of_latents(serving, generator):
    client, predictions, _ = serving
    expected = faces_of_seeds(generator, range(20), 0.5).astype(int)
    np.testing.assert_allclose(client.sample(range(20), 0.5).astype(int), expected, atol=1)
    assert {spec.name for spec in predictions.requests} == {"faces"}
    latents = latents_from_seeds(np.int64([3]), 8).numpy()
    expected = faces_of_seeds(generator, [3]).astype(int)
    np.testing.assert_allclose(client.generate(latents).astype(int), expected, atol=1)


def test_status(serving):
    assert serving[0].status() == [{"version": 4, "state": "AVAILABLE"}]


def test_requests_to_an_unavailable_server_are_retried(serving):
    client, predictions, _ = serving
    predictions.errors = 2 * [(grpc.StatusCode.UNAVAILABLE, "loading")]
    assert client.sample([1]).shape == (1, 32, 32, 3)
    assert not predictions.errors


def test_other_errors_are_reported_and_not_retried(serving):
    client, predictions, _ = serving
    predictions.errors = 2 * [(grpc.StatusCode.INVALID_ARGUMENT, "wrong shape")]
    with pytest.raises(UserError, match="answered INVALID_ARGUMENT: wrong shape"):
        client.sample([1])
    assert len(predictions.errors) == 1
    predictions.errors = []


def test_the_timeout_is_a_deadline(serving):
    _, predictions, port = serving
    client = Client(f"grpc://127.0.0.1:{port}", timeout=0.3)
    predictions.waits_for = threading.Event()
    with pytest.raises(UserError, match="answered DEADLINE_EXCEEDED"):
        client.sample([1])
    predictions.waits_for.set()
    client.close()
