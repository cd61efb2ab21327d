"""The REST contract of model servers: `--mode=serve`, and TF Serving if it is available.

TF_SERVING_COMMAND starts a real server, such as `tensorflow_model_server --rest_api_port={port}
--model_name={name} --model_base_path={base_path} --max_num_load_retries=0`.
"""

import base64
import os
import shutil
import threading

import numpy as np
import pytest
import requests
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from tests.serving.servers import SERVERS, available, eventually
from tfgan_faces.generation.sampling import between, faces_of_seeds
from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.serving.signatures import SIGNATURES


@pytest.fixture(scope="module", params=SERVERS)
def server(request, exported, tmp_path_factory):
    base_path = tmp_path_factory.mktemp("served") / "faces"
    shutil.copytree(exported, base_path / "1")
    with SERVERS[request.param](base_path) as address:
        yield f"{address}/v1/models/faces"


def predict(server, **content):
    return requests.post(f"{server}:predict", json=content, timeout=60)


def states(address):
    found = requests.get(f"{address}/v1/models/faces", timeout=9).json()
    return {status["version"]: status["state"] for status in found["model_version_status"]}


def pixels(encoded):
    return np.stack([tf.io.decode_png(base64.b64decode(png["b64"])).numpy() for png in encoded])


def assert_faces(images, expected):
    np.testing.assert_allclose(np.array(images, int), expected.astype(int), atol=1)


def test_status(server):
    (version,) = requests.get(server, timeout=9).json()["model_version_status"]
    assert version["version"] == "1"
    assert version["state"] == "AVAILABLE"
    assert version["status"] == {"error_code": "OK", "error_message": ""}
    assert requests.get(f"{server}/versions/1", timeout=9).json()["model_version_status"]


def test_metadata_has_every_signature_with_types_and_shapes(server):
    answer = requests.get(f"{server}/metadata", timeout=9).json()
    assert answer["model_spec"]["version"] == "1"
    definitions = answer["metadata"]["signature_def"]["signature_def"]
    assert set(SIGNATURES) <= set(definitions)
    latents = definitions["serving_default"]["inputs"]["latents"]
    assert latents["dtype"] == "DT_FLOAT"
    assert [dim["size"] for dim in latents["tensor_shape"]["dim"]] == ["-1", "8"]
    assert definitions["sample_png"]["outputs"]["png_bytes"]["dtype"] == "DT_STRING"


@pytest.mark.parametrize(
    "content",
    [
        {"instances": [3, 9]},
        {"instances": [{"seed": 3}, {"seed": 9}]},
        {"inputs": [3, 9]},
        {"inputs": {"seed": [3, 9]}},
    ],
)
def test_predict_by_row_and_by_column(server, generator, content):
    answer = predict(server, signature_name="sample", **content)
    assert answer.status_code == 200
    images = answer.json()["predictions" if "instances" in content else "outputs"]
    assert_faces(images, faces_of_seeds(generator, [3, 9]))


@pytest.mark.parametrize("named", [{}, {"signature_name": ""}])
def test_the_default_signature_takes_latents(server, generator, named):
    latents = latents_from_seeds(tf.constant([4], tf.int64), 8).numpy().tolist()
    images = predict(server, instances=latents, **named).json()["predictions"]
    assert_faces(images, faces_of_seeds(generator, [4]))


def test_pngs_are_base64(server, generator):
    latents = latents_from_seeds(tf.constant([4], tf.int64), 8).numpy().tolist()
    by_latents = predict(server, signature_name="png", inputs={"latents": latents})
    assert_faces(pixels(by_latents.json()["outputs"]), faces_of_seeds(generator, [4]))
    rows = [{"seed": 4, "truncation": 0.5}, {"seed": 6, "truncation": 0.5}]
    by_seeds = predict(server, signature_name="sample_png", instances=rows)
    assert_faces(pixels(by_seeds.json()["predictions"]), faces_of_seeds(generator, [4, 6], 0.5))


def test_interpolation(server, generator):
    rows = [
        {"from_seed": 1, "to_seed": 2, "fraction": fraction, "truncation": 1}
        for fraction in (0.0, 0.5, 1.0)
    ]
    answer = predict(server, signature_name="interpolate", instances=rows)
    assert_faces(pixels(answer.json()["predictions"]), between(generator, [1, 2], 3))


def test_a_version_can_be_requested(server):
    content = {"signature_name": "sample", "instances": [1]}
    path = f"{server}/versions/1:predict"
    assert requests.post(path, json=content, timeout=60).status_code == 200
    path = f"{server}/versions/99:predict"
    assert requests.post(path, json=content, timeout=60).status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        {"signature_name": "nonsense", "instances": [1]},
        {"signature_name": "sample", "instances": ["a"]},
        {"signature_name": "sample", "instances": [1.5]},
        {"signature_name": "sample", "instances": [True, 3]},
        {"signature_name": "sample", "instances": []},
        {"signature_name": "sample"},
        {"signature_name": "sample_png", "instances": [{"seed": 1}]},
        {"signature_name": "sample_png", "inputs": {"seed": [1, 2], "truncation": [1.0]}},
        {"instances": [[1.0, 2.0]]},
        {"instances": [[1.0] * 8, [1.0] * 7]},
        {"instances": [["x"] * 8]},
    ],
)
def test_invalid_requests_are_400_with_a_message(server, content):
    answer = predict(server, **content)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_numbers_too_large_for_float32_give_black_images(server):
    answer = predict(server, instances=[[1e300] * 8, [0.5] * 8])
    assert answer.status_code == 200
    beyond, other = answer.json()["predictions"]
    assert np.max(beyond) == 0
    assert np.max(other) > 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\x00\xff"])
def test_invalid_json_is_400(server, body):
    answer = requests.post(f"{server}:predict", data=body, timeout=60)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_wrong_methods_are_400(server):
    for answer in (
        requests.get(f"{server}:predict", timeout=9),
        requests.post(server, json={}, timeout=9),
    ):
        assert answer.status_code == 400
        assert answer.json()["error"]


def test_another_model_is_404(server):
    answer = predict(server.replace("faces", "houses"), instances=[1])
    assert answer.status_code == 404
    assert answer.json()["error"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", SERVERS)
def test_a_new_version_replaces_the_old_one_without_a_failed_request(
    kind, base_path, other_exported
):
    content = {"signature_name": "sample", "instances": [1, 2]}
    codes, images, stopped = [], [], threading.Event()

    def ask(address):
        while not stopped.is_set():
            answer = predict(f"{address}/v1/models/faces", **content)
            codes.append(answer.status_code)
            images.append(answer.content)

    with SERVERS[kind](base_path) as address:
        clients = [threading.Thread(target=ask, args=(address,)) for _ in range(3)]
        for client in clients:
            client.start()
        try:
            eventually(lambda: len(codes) > 5)
            before = images[0]
            shutil.copytree(other_exported, base_path / ".writing")
            os.rename(base_path / ".writing", base_path / "2")
            eventually(lambda: available(address) == [2])
            asked = len(codes)
            eventually(lambda: len(codes) > asked + 5)
        finally:
            stopped.set()
            for client in clients:
                client.join()
    assert set(codes) == {200}
    assert images[-1] != before


@pytest.mark.parametrize("kind", SERVERS)
def test_the_old_version_is_served_if_a_new_one_has_a_bad_warm_up(kind, base_path, exported):
    record = prediction_log_pb2.PredictionLog()
    record.predict_log.request.model_spec.signature_name = "nonsense"
    with SERVERS[kind](base_path) as address:  # version 1 has valid warm-up requests
        shutil.copytree(exported, base_path / ".writing")
        warmup = base_path / ".writing" / "assets.extra" / "tf_serving_warmup_requests"
        with tf.io.TFRecordWriter(str(warmup)) as writer:
            writer.write(record.SerializeToString())
        os.rename(base_path / ".writing", base_path / "2")
        eventually(lambda: states(address).get("2") == "END")
        assert available(address) == [1]


@pytest.mark.parametrize("kind", SERVERS)
def test_the_old_version_is_served_if_a_new_one_is_broken(kind, base_path):
    with SERVERS[kind](base_path) as address:
        (base_path / ".writing").mkdir()
        (base_path / ".writing" / "saved_model.pb").write_bytes(b"not a graph")
        os.rename(base_path / ".writing", base_path / "2")
        eventually(lambda: states(address).get("2") == "END")
        answer = predict(f"{address}/v1/models/faces", signature_name="sample", instances=[1])
        assert answer.status_code == 200
