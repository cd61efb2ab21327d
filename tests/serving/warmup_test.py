import os

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from tfgan_faces.errors import UserError
from tfgan_faces.serving import saved_model, warmup
from tfgan_faces.serving.conventions import BATCH_SIZES
from tfgan_faces.serving.signatures import SIGNATURES


def test_there_is_a_request_for_every_signature_and_batch_size(exported):
    path = os.path.join(exported, "assets.extra", "tf_serving_warmup_requests")
    requests = [
        prediction_log_pb2.PredictionLog.FromString(record.numpy()).predict_log.request
        for record in tf.data.TFRecordDataset(path)
    ]
    found = {
        (request.model_spec.signature_name, len(tf.make_ndarray(tensor)))
        for request in requests
        for tensor in request.inputs.values()
    }
    assert found == {(name, size) for name in SIGNATURES for size in BATCH_SIZES}
    assert {request.model_spec.name for request in requests} == {"faces"}
    latents = next(item for item in requests if "latents" in item.inputs).inputs["latents"]
    assert tf.make_ndarray(latents).dtype == np.float32


@pytest.mark.usefixtures("verified_here")
def test_warm_up_needs_the_extra(generator, tmp_path, monkeypatch):
    monkeypatch.setattr(warmup, "is_available", lambda: False)
    with pytest.raises(UserError, match=r"--warmup=on needs tensorflow-serving-api; .*\[serving\]"):
        saved_model.export(generator, str(tmp_path), {}, warmup="on")
    assert os.listdir(tmp_path) == []
    exported = saved_model.export(generator, str(tmp_path), {}, warmup="auto")
    assert not os.path.exists(os.path.join(exported, "assets.extra"))
