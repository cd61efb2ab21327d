import os
import shutil
import signal
import subprocess

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from tfgan_faces.errors import UserError
from tfgan_faces.serving.verification import verifier, verify


def test_an_invalid_model_fails_with_a_message(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"not a graph")
    expected = {"sample": ({"seed": np.zeros(1, np.int64)}, np.zeros((1, 4, 4, 3), np.uint8))}
    with pytest.raises(UserError, match="was not published: "):
        verify(str(tmp_path), expected)


def test_folder_names_may_be_patterns(exported, tmp_path):
    """Here a model that can be read fails because of its images."""
    folder = tmp_path / "[v2]" / "faces"
    shutil.copytree(exported, folder)
    expected = {"sample": ({"seed": np.zeros(1, np.int64)}, np.zeros((1, 32, 32, 3), np.uint8))}
    with pytest.raises(UserError, match="images of sample differ by"):
        verify(str(folder), expected)


def test_a_warm_up_request_of_a_wrong_shape_fails(exported, tmp_path):
    folder = tmp_path / "faces"
    shutil.copytree(exported, folder)
    record = prediction_log_pb2.PredictionLog()
    request = record.predict_log.request
    request.model_spec.signature_name = "serving_default"
    request.inputs["latents"].CopyFrom(tf.make_tensor_proto(np.zeros((1, 9), np.float32)))
    path = os.path.join(folder, "assets.extra", "tf_serving_warmup_requests")
    with tf.io.TFRecordWriter(path) as writer:
        writer.write(record.SerializeToString())
    with pytest.raises(UserError, match="was not published: .*shape"):
        verify(str(folder), {})


def test_an_export_that_fails_ends_the_process_that_waits_to_verify_it(monkeypatch):
    started = []

    class Recorded(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    with pytest.raises(OSError, match="disk full"), verifier():
        raise OSError("disk full")
    (process,) = started
    assert process.returncode == -signal.SIGKILL
