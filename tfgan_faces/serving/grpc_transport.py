"""A client for TF Serving's gRPC API. It needs tensorflow-serving-api."""

import json

import tensorflow as tf

from tfgan_faces.errors import UserError

try:
    import grpc
    from tensorflow_serving.apis import (
        get_model_status_pb2,
        model_service_pb2_grpc,
        predict_pb2,
        prediction_service_pb2_grpc,
    )
except ImportError as error:
    raise UserError(
        "grpc:// needs tensorflow-serving-api; install it with "
        "pip install 'tfgan_faces[serving]', or use http://."
    ) from error

_STATES = get_model_status_pb2.ModelVersionStatus.State
_RETRY = {
    "methodConfig": [
        {
            "name": [{}],  # every method
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.2s",
                "maxBackoff": "5s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}


class GrpcTransport:
    """Sends requests to one model over gRPC.

    Args:
        address: str, such as `localhost:8500`.
        model: str, the model's name.
        timeout: number, seconds to wait for a response, including retries.
    """

    def __init__(self, address, model, timeout):
        self._address, self._model, self._timeout = address, model, timeout
        options = [("grpc.service_config", json.dumps(_RETRY))]
        self._channel = grpc.insecure_channel(address, options)
        self._predictions = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)
        self._models = model_service_pb2_grpc.ModelServiceStub(self._channel)

    def predict(self, signature, inputs):
        """Returns the strings of one batch, such as PNGs: list of bytes.

        Args:
            signature: str.
            inputs: dict of input name to array.
        """
        request = predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = self._model, signature
        for name, values in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(values))
        (output,) = self._call(self._predictions.Predict, request).outputs.values()
        return list(tf.make_ndarray(output))

    def status(self):
        """Returns the model's versions as `Client.status` does."""
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name = self._model
        versions = self._call(self._models.GetModelStatus, request).model_version_status
        return [
            {"version": version.version, "state": _STATES.Name(version.state)}
            for version in versions
        ]

    def close(self):
        """Closes the connection."""
        self._channel.close()

    def _call(self, method, request):
        try:
            return method(request, timeout=self._timeout)
        except grpc.RpcError as error:
            raise UserError(
                f"grpc://{self._address} answered {error.code().name}: {error.details()}"
            ) from error
