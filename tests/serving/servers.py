"""Model servers for tests: the development server, and TF Serving if it is available."""

import contextlib
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

from tests.programs import MAIN, program

_SECONDS = 60


def eventually(condition):
    """Waits at most a minute until `condition()` is true, and returns its value."""
    end = time.monotonic() + _SECONDS
    while not (value := condition()):
        assert time.monotonic() < end, "the condition did not become true"
    return value


@contextlib.contextmanager
def development_server(base_path, port=0):
    """Runs `--mode=serve` and yields its address."""
    with program("--mode=serve", f"--port={port}", f"--export_dir={base_path}") as server:
        server.until(lambda: "Faces at " in server.output)
        yield _address(server.output)


@contextlib.contextmanager
def development_server_of_main(base_path):
    """Runs `python main.py --mode=serve` and yields its address."""
    command = [sys.executable, str(MAIN), "--mode=serve", "--port=0", f"--export_dir={base_path}"]
    # The environment of a user's terminal, not of the tests.
    env = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    with (
        tempfile.NamedTemporaryFile() as output,  # a pipe without a reader would fill up
        subprocess.Popen(command, stderr=output, env=env) as process,
    ):
        log = Path(output.name)
        try:
            eventually(lambda: "Faces at " in log.read_text() or process.poll() is not None)
            assert log.read_text().startswith("A development server")
            yield _address(log.read_text())
        finally:
            process.terminate()


def _address(output):
    address = re.search(r"^Faces at (http://\S+)/ ", output, re.M)
    assert address, output
    return address[1]


@contextlib.contextmanager
def tensorflow_serving(base_path):
    """Runs the command of TF_SERVING_COMMAND and yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    template = os.environ["TF_SERVING_COMMAND"]
    command = template.format(port=port, name="faces", base_path=base_path)
    with subprocess.Popen(shlex.split(command)) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            eventually(lambda: available(address))
            yield address
        finally:
            process.terminate()


def available(address):
    """Returns the versions that a server reports as available."""
    try:
        states = requests.get(f"{address}/v1/models/faces", timeout=5).json()
    except requests.RequestException:
        return []
    states = states.get("model_version_status", [])
    return [int(state["version"]) for state in states if state["state"] == "AVAILABLE"]


SERVERS = {"development": development_server}
if "TF_SERVING_COMMAND" in os.environ:
    SERVERS["tensorflow_serving"] = tensorflow_serving
