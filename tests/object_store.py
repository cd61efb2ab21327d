"""A Google Cloud Storage of this machine's, for TensorFlow's own gs:// client.

The server is the one of gcp-storage-emulator. TensorFlow knows no other address than Google's;
but it connects through a proxy when the environment names one, and trusts the certificates
that the environment names. So the server is also a proxy, to itself.
"""

import contextlib
import functools
import json
import ssl
import subprocess
import sys
import threading
from http import server as http_server

import trustme
from gcp_storage_emulator import server as emulator
from gcp_storage_emulator.handlers import buckets
from gcp_storage_emulator.storage import Storage

BUCKET = "gs://faces"
_HOSTS = ("www.googleapis.com", "storage.googleapis.com")
_NO_LAYOUT = {"hierarchicalNamespace": {"enabled": False}}


@contextlib.contextmanager
def object_store(folder):
    """Serves an empty bucket, `BUCKET`, and yields the variables that lead to it.

    It is a process of its own: TensorFlow closes some files while it keeps Python's lock.

    Args:
        folder: `pathlib.Path`, for the certificate.
    """
    line = [sys.executable, "-m", "tests.object_store", str(folder / "authority.pem")]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield {
                "https_proxy": f"http://127.0.0.1:{int(process.stdout.readline())}",
                "CURL_CA_BUNDLE": str(folder / "authority.pem"),
                "GOOGLE_AUTH_TOKEN_FOR_TESTING": "any",
                "NO_GCE_CHECK": "true",
                "no_proxy": "localhost,127.0.0.1",  # not between workers
            }
        finally:
            process.kill()


def _serve(certificate):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*_HOSTS).configure_cert(context)
    storage = Storage(use_memory_fs=True)
    buckets.create_bucket(BUCKET.removeprefix("gs://"), storage)
    handler = functools.partial(_Handler, storage, context=context)
    with _Server(("127.0.0.1", 0), handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


class _Server(http_server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that was killed is no error of the server's."""


class _Handler(emulator.RequestHandler):
    """Tells the emulator's requests what TensorFlow means by them."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # 40 ms an answer
    _one_at_a_time = threading.Lock()

    def __init__(self, storage, *args, context):
        self.context = context
        super().__init__(storage, *args)

    def do_CONNECT(self):  # noqa: N802
        self.send_response(200)
        self.end_headers()
        self.connection = self.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_GET(self):  # noqa: N802
        if self.path.endswith("/storageLayout"):  # which the emulator does not know
            content = json.dumps(_NO_LAYOUT).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        else:
            self._answer(super().do_GET)

    def do_POST(self):  # noqa: N802
        self._answer(super().do_POST)

    def do_DELETE(self):  # noqa: N802
        self._answer(super().do_DELETE)

    def do_PUT(self):  # noqa: N802
        if self.headers.get("Transfer-Encoding") == "chunked":  # TensorFlow also sends a length
            del self.headers["Content-Length"]
        self._answer(super().do_PUT)

    def _answer(self, method):
        with self._one_at_a_time:
            method()

    def log_message(self, *args):
        """Says nothing."""


def _with_empty_bodies(read):
    """TensorFlow marks a folder by an object without content, which the emulator refuses."""

    def reading(handler, query):
        content = read(handler, query)
        return b"" if content is None and query.get("uploadType") == ["media"] else content

    return reading


if __name__ == "__main__":
    emulator._read_data = _with_empty_bodies(emulator._read_data)
    # Where to upload to: by the same protocol that the question came by.
    emulator.Request.full_url = property(
        lambda request: request._full_url.replace("http://", "https://", 1)
    )
    _serve(sys.argv[1])
