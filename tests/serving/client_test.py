import os
import subprocess
import sys
import threading

import flask
import numpy as np
import pytest
import requests
import waitress

from tests.serving.servers import development_server
from tfgan_faces import cli
from tfgan_faces.errors import UserError
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.serving import Client
from tfgan_faces.visuals.image_grid import read_png


@pytest.fixture(scope="module")
def address(exported):
    with development_server(exported.removesuffix("/1")) as address:
        yield address


def assert_faces(images, expected):
    assert images.dtype == np.uint8
    np.testing.assert_allclose(images.astype(int), expected.astype(int), atol=1)


def test_faces_of_seeds_in_batches_of_the_server(address, generator):
    faces = Client(address).sample(range(37), truncation=0.8)
    assert_faces(faces, faces_of_seeds(generator, range(37), 0.8))


def test_faces_of_latents(address, generator):
    latents = latents_from_seeds(np.int64([3, 5]), 8).numpy()
    assert_faces(Client(f"{address}/").generate(latents), faces_of_seeds(generator, [3, 5]))


def test_status(address):
    assert Client(address).status() == [{"version": 1, "state": "AVAILABLE"}]


@pytest.mark.parametrize("latents", [[1.0, 2.0], [[np.nan] * 8], [[np.inf] * 8], np.zeros((0, 8))])
def test_invalid_latents_are_rejected_before_a_request(latents):
    with pytest.raises(ValueError, match="`latents` must be|At least one"):
        Client("http://127.0.0.1:9").generate(latents)


@pytest.mark.parametrize("seeds", [[1.5], ["3"], [[1]], []])
def test_invalid_seeds_are_rejected_before_a_request(seeds):
    with pytest.raises(ValueError, match="`seeds` must be|At least one"):
        Client("http://127.0.0.1:9").sample(seeds)


@pytest.mark.parametrize("truncation", [-0.1, 1.1, np.nan])
def test_truncation_out_of_range_is_rejected_before_a_request(truncation):
    with pytest.raises(ValueError, match="`truncation` must be"):
        Client("http://127.0.0.1:9").sample([1], truncation)


def test_headers_are_sent_with_every_request(monkeypatch):
    sent = []

    def send(self, request, **_):
        sent.append(request.headers["X-Api-Key"])
        raise requests.ConnectionError

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    client = Client("http://127.0.0.1:9", headers={"X-Api-Key": "6f2d"})
    for request in (client.status, lambda: client.sample([1])):
        with pytest.raises(UserError):
            request()
    assert sent == ["6f2d", "6f2d"]
    with pytest.raises(UserError, match=r"without `headers`, grpc"):
        Client("grpc://127.0.0.1:9", headers={"X-Api-Key": "6f2d"})


def test_command_line_writes_faces_from_a_server(address, generator, tmp_path, capsys):
    output = tmp_path / "faces"
    flags = [f"--server={address}", "--seeds=7,3", "--truncation=0.5", f"--output={output}"]
    assert cli.main(["main.py", "--mode=request", *flags]) == 0
    assert sorted(os.listdir(output)) == ["000003.png", "000007.png", "grid.png"]
    face = read_png(output / "000003.png")
    assert_faces(face[None], faces_of_seeds(generator, [3], 0.5))
    assert "Wrote 3 PNG files" in capsys.readouterr().err
    assert cli.main(["main.py", "--mode=request"]) == 1
    assert "needs --server=http://HOST:PORT" in capsys.readouterr().err


@pytest.mark.parametrize("server", ["localhost:8501", "ftp://host", "http://", ""])
def test_invalid_addresses_are_rejected(server):
    with pytest.raises(UserError, match=r"must be http://HOST:PORT.*Received"):
        Client(server)


def test_the_servers_error_message_is_reported(address):
    with pytest.raises(UserError, match="answered 400: latents must be of shape"):
        Client(address).generate(np.zeros((1, 3)))
    with pytest.raises(UserError, match="answered 404: "):
        Client(address, model="houses").status()


def test_rest_needs_no_tensorflow(address):
    code = (
        "import sys\nfrom tfgan_faces.serving import Client\n"
        f"print(Client({address!r}).sample([1]).shape)\n"
        "sys.exit(bool({'tensorflow', 'keras', 'grpc'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "(1, 32, 32, 3)\n"), done.stderr


@pytest.fixture
def scripted():
    """A server that returns prepared responses, each a pair of text and status."""
    app, answers = flask.Flask(__name__), []
    app.get("/v1/models/faces")(lambda: answers.pop(0))
    server = waitress.create_server(app, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}", answers
    server.close()


STATUS = {"model_version_status": [{"version": "2", "state": "AVAILABLE"}]}


def test_requests_to_an_unavailable_server_are_retried(scripted):
    address, answers = scripted
    answers += [("", 503), ("", 503), (STATUS, 200)]
    assert Client(address).status() == [{"version": 2, "state": "AVAILABLE"}]
    assert not answers


def test_other_errors_are_not_retried(scripted):
    address, answers = scripted
    answers += [({"error": "no"}, 500), (STATUS, 200)]
    with pytest.raises(UserError, match="answered 500: no"):
        Client(address).status()
    assert len(answers) == 1


def test_responses_of_other_servers_are_a_clear_error(scripted):
    address, answers = scripted
    answers.append(("<html>", 200))
    answers.append(({"hello": 1}, 200))
    client = Client(address)
    for _ in range(2):
        with pytest.raises(UserError, match="not a model server's JSON"):
            client.status()
    client.close()


def test_errors_without_json_are_reported(scripted):
    address, answers = scripted
    answers.append(("too large", 413))
    with pytest.raises(UserError, match="answered 413: R"):  # its reason phrase
        Client(address).status()


def test_a_timeout_is_one_clear_error(monkeypatch):
    monkeypatch.setattr("tfgan_faces.serving.rest._RETRIES", 1)
    with pytest.raises(UserError, match="No answer from http"):
        Client("http://127.0.0.1:9").status()
    monkeypatch.undo()  # requests that time out are not retried
    asked, released = [], threading.Event()
    app = flask.Flask(__name__)
    app.get("/v1/models/faces")(lambda: (asked.append(1), released.wait(), STATUS)[2])
    server = waitress.create_server(app, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    with pytest.raises(UserError, match="No answer from http.*timed out"):
        Client(f"http://127.0.0.1:{server.effective_port}", timeout=0.1).status()
    assert asked == [1]
    released.set()
    server.close()
