"""Measures latency and throughput of a model server over REST.

    python -m benchmarks.serving MODEL_FOLDER               # starts main.py --mode=serve
    python -m benchmarks.serving --server=http://HOST:PORT  # uses a running server

Each client requests one face at a time, as JSON rows or as PNG. Prints a table.
"""

import argparse
import contextlib
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import requests

from benchmarks.measuring import describe_machine

_MAIN = Path(__file__).resolve().parents[1] / "main.py"
_CLIENTS = (1, 8, 32)
_KINDS = {
    "JSON rows": lambda seed: {"signature_name": "sample", "instances": [seed]},
    "PNG": lambda seed: {
        "signature_name": "sample_png",
        "instances": [{"seed": seed, "truncation": 1.0}],
    },
}


def main():
    """Prints a row for each number of clients and each kind of response."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="?", help="folder of numbered versions")
    parser.add_argument("--server", help="address of a running server")
    parser.add_argument("--seconds", type=float, default=5.0, help="duration of each measurement")
    arguments = parser.parse_args()
    if bool(arguments.models) == bool(arguments.server):
        parser.error("give either a folder of versions or --server")
    print(describe_machine())
    print("| response | clients | images/s | p50 ms | p95 ms | p99 ms | requests | failed |")
    print("|---|---|---|---|---|---|---|---|")
    if arguments.server:
        server = contextlib.nullcontext(arguments.server)
    else:
        server = _development_server(arguments.models)
    with server as address:
        for kind, content in _KINDS.items():
            for clients in _CLIENTS:
                times, failed, seconds = load(address, content, clients, arguments.seconds)
                p50, p95, p99 = 1000 * np.percentile(times if len(times) else np.nan, (50, 95, 99))
                print(
                    f"| {kind} | {clients} | {len(times) / seconds:.0f} | {p50:.1f} | {p95:.1f} | "
                    f"{p99:.1f} | {len(times)} | {failed} |",
                    flush=True,
                )


def load(address, content, clients, seconds):
    """Returns the response times in seconds, the number of failures and the seconds measured."""
    times, failures, first = [], [], time.perf_counter()
    end = first + 1.0 + seconds  # the first second is warm-up and not counted

    def send_requests(client):
        session, seed = requests.Session(), 1000 * client
        while (begin := time.perf_counter()) < end:
            seed += 1
            url = f"{address}/v1/models/faces:predict"
            try:
                succeeded = session.post(url, json=content(seed), timeout=60).ok
            except requests.RequestException:
                succeeded = False
            if begin >= first + 1.0:
                (times if succeeded else failures).append(time.perf_counter() - begin)

    threads = [threading.Thread(target=send_requests, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return np.array(times), len(failures), time.perf_counter() - first - 1.0


@contextlib.contextmanager
def _development_server(models):
    command = [sys.executable, str(_MAIN), "--mode=serve", "--port=0", f"--export_dir={models}"]
    with (
        tempfile.NamedTemporaryFile() as log,
        subprocess.Popen(command, stderr=log) as process,
    ):
        try:
            address = None
            while address is None and process.poll() is None:
                address = re.search(r"^Faces at (http://\S+)/ ", Path(log.name).read_text(), re.M)
                time.sleep(0.1)
            if address is None:
                sys.exit(f"The server exited: {Path(log.name).read_text()}")
            yield address[1]
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
