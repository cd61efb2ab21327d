"""Tests of the development server beyond the contract in `rest_contract_test.py`."""

import os

import numpy as np
import pytest
import requests

from tests.serving.servers import development_server
from tfgan_faces.serving.development_server import LOCAL, _host_of, build_app
from tfgan_faces.serving.loaded_versions import LoadedVersions


@pytest.fixture(scope="module")
def client(exported):
    versions = LoadedVersions(exported.removesuffix("/1"))
    yield build_app(versions).test_client()
    versions.stop()


def test_the_page_has_a_strict_content_security_policy(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert b"<title>Faces of nobody</title>" in answer.data
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for name in ("explorer.js", "server.js", "explorer.css", "icon.svg"):
        assert client.get(f"/{name}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/../client.py",
        "/%2e%2e/client.py",
        "/..%2fclient.py",
        "/explorer.js/../../client.py",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/index.html%00.js",
        "/nowhere",
    ],
)
def test_no_file_outside_the_page_is_served(client, path):
    answer = client.get(path)
    assert answer.status_code in (400, 404)
    assert "error" in answer.json


def test_large_bodies_are_rejected(client):
    answer = client.post("/v1/models/faces:predict", data=b" " * (2**20 + 1))
    assert answer.status_code == 413
    assert answer.json["error"]


def test_large_batches_are_rejected(client):
    content = {"signature_name": "sample", "instances": list(range(257))}
    answer = client.post("/v1/models/faces:predict", json=content)
    assert answer.status_code == 400
    assert "at most 256 rows" in answer.json["error"]


def test_zero_rows_return_zero_faces(client):
    content = {"signature_name": "sample", "inputs": []}
    answer = client.post("/v1/models/faces:predict", json=content)
    assert (answer.status_code, answer.json) == (200, {"outputs": []})


def test_numbers_too_large_for_float32_give_black_images(client):
    latents = [[1e300] + [0.0] * 7]
    answer = client.post("/v1/models/faces:predict", json={"inputs": latents})
    assert answer.status_code == 200
    assert np.max(answer.json["outputs"]) == 0


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("HEAD", "/v1/models/faces", 400),
        ("POST", "/v1/models/faces:classify", 400),
        ("GET", "/v1/models/faces/labels/new", 400),
        ("GET", "/v1/models/faces:predict", 400),
        ("GET", "/v1/models/others", 404),
        ("POST", "/v1/models/others:predict", 404),
    ],
)
def test_other_paths_and_methods_have_the_status_of_tf_serving(client, method, path, code):
    assert client.open(path, method=method).status_code == code


def test_large_bodies_and_foreign_hosts_are_rejected_over_http(exported):
    with development_server(os.path.dirname(exported)) as address:
        url = f"{address}/v1/models/faces:predict"
        answer = requests.post(url, data=b" " * (2**20 + 1), timeout=60)
        assert answer.status_code == 413
        assert answer.json()["error"]
        answer = requests.post(url, headers={"Host": "evil.example"}, json={}, timeout=60)
        assert answer.status_code == 400
        answer = requests.get(address.replace("127.0.0.1", "localhost"), timeout=60)
        assert answer.status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost", "[::1]:8501", "[::1]"])
def test_local_host_names_are_accepted(exported, host):
    versions = LoadedVersions(os.path.dirname(exported))
    client = build_app(versions, LOCAL).test_client()
    versions.stop()
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_other_host_names_are_rejected(exported, host):
    versions = LoadedVersions(os.path.dirname(exported))
    client = build_app(versions, LOCAL).test_client()
    versions.stop()
    assert client.get("/", headers={"Host": host}).status_code == 400
    assert client.get("/", headers={"Host": "localhost:8501"}).status_code == 200


def test_a_host_name_that_cannot_be_parsed_is_no_local_one():
    """The test client refuses to send them, other clients do not."""
    assert _host_of("[:::]") is None
    assert _host_of("[::1") is None
    assert _host_of("[::1]:8501") == "::1"


def test_without_a_version_the_status_is_404(tmp_path):
    versions = LoadedVersions(str(tmp_path))
    client = build_app(versions).test_client()
    for answer in (
        client.get("/v1/models/faces"),
        client.get("/v1/models/faces/metadata"),
        client.post("/v1/models/faces:predict", json={"instances": [1]}),
    ):
        assert answer.status_code == 404
        assert "Servable not found" in answer.json["error"]
    versions.stop()
