"""`--mode=serve` answers invalid requests with 4xx or 503. It never answers 500 and never hangs."""

import concurrent.futures
import contextlib
import os
import re
import socket
import subprocess
import sys
import threading

import psutil
import pytest
import requests

from tests.serving.servers import development_server
from tfgan_faces.serving import development_server as module
from tfgan_faces.serving.loaded_versions import LoadedVersions

PREDICT = "/v1/models/faces:predict"
GOOD = {"signature_name": "sample", "instances": [1]}
CHECKS = (
    *("not_a_server_error", "status_code_conformance"),
    *("content_type_conformance", "response_schema_conformance"),
)


@pytest.fixture(scope="module")
def address(exported):
    with development_server(os.path.dirname(exported)) as address:
        yield address


def ask(address):
    """Sends a valid request and returns its status code."""
    return requests.post(address + PREDICT, json=GOOD, timeout=100).status_code


def fuzz(address, seconds, folder):
    """Sends valid and invalid requests based on the OpenAPI description; returns their number."""
    program = os.path.join(os.path.dirname(sys.executable), "schemathesis")
    limits = [f"--max-time={seconds}", "--max-examples=100000", "--request-timeout=30"]
    result = subprocess.run(
        [
            *(program, "run", f"{address}/openapi.json", f"--checks={','.join(CHECKS)}", *limits),
            *("--phases=coverage,fuzzing", "--suppress-health-check=all", "--no-color"),
        ],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert ask(address) == 200
    return int(re.search(r"(\d+) generated, \1 passed", result.stdout)[1])


@pytest.mark.slow
def test_fuzzed_requests_are_answered_as_described(address, tmp_path):
    assert fuzz(address, 6, tmp_path) > 20


@pytest.mark.soak
def test_two_minutes_of_fuzzing_are_answered_as_described(address, tmp_path):
    assert fuzz(address, 120, tmp_path) > 2000


@pytest.mark.slow
def test_a_thousand_requests_at_once_are_answered_in_bounded_memory(address):
    (process,) = (
        child
        for child in psutil.Process().children(recursive=True)
        if f":{child_port(child)}" in address and child_port(child)
    )
    before = process.memory_info().rss
    with concurrent.futures.ThreadPoolExecutor(1000) as clients:
        codes = list(clients.map(ask, [address] * 1000))
    assert set(codes) <= {200, 503}
    assert codes.count(200) > 500
    assert process.memory_info().rss - before < 300 * 2**20


def child_port(process):
    """Returns the port on which a process listens, or None."""
    listening = [c for c in process.net_connections("tcp") if c.status == "LISTEN"]
    return listening[0].laddr.port if listening else None


def test_slow_clients_do_not_block_others_and_are_disconnected(exported, monkeypatch):
    monkeypatch.setattr(module, "_SECONDS", 1)
    versions = LoadedVersions(os.path.dirname(exported))
    server, port = module.build_server(versions, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    slow = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(100)]
    head = f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
    for number, client in enumerate(slow):
        # Some clients stop in the middle of the headers, others in the body.
        client.sendall((head + ("\r\n{" if number % 2 else "")).encode())
    assert ask(f"http://127.0.0.1:{port}") == 200
    assert [client.recv(1000) for client in slow] == [b""] * 100  # closed by the server
    assert ask(f"http://127.0.0.1:{port}") == 200
    for client in slow:
        client.close()
    server.close()
    versions.stop()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00\xff\xfe garbage\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/models/faces:predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 2**17 + b"\r\n\r\n",
        b"GET /" + b"a" * 2**17 + b" HTTP/1.1\r\n\r\n",
        b"GET /%00%ff%fe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ],
)
def test_invalid_http_is_refused(address, request_bytes):
    host, port = address.removeprefix("http://").split(":")
    answer = b""
    # The server may close the connection before it has read everything.
    with (
        socket.create_connection((host, int(port)), timeout=60) as client,
        contextlib.suppress(ConnectionError),
    ):
        client.sendall(request_bytes + b"\r\n" * 1000)
        while part := client.recv(2**16):
            answer += part
    assert answer == b"" or re.match(rb"HTTP/1\.\d 4\d\d ", answer), answer[:200]
    assert ask(address) == 200


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"instances": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"instances": [' + b"1," * 200_000 + b"1]}",
        b'{"signature_name": "sample", "instances": [1e400]}',
        b'{"signature_name": "sample", "instances": [NaN]}',
        b'{"signature_name": "sample", "instances": [' + b"9" * 5000 + b"]}",
        b'{"signature_name": "\\ud800", "instances": [1]}',
    ],
)
def test_invalid_json_is_answered_with_400(address, body):
    answer = requests.post(address + PREDICT, data=body, timeout=60)
    assert answer.status_code == 400
    assert answer.json()["error"]
