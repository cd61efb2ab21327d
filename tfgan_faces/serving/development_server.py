"""A development server for one local user: TF Serving's REST paths and the explorer page."""

import importlib.resources
import logging
import re
import urllib.parse

import flask
import tensorflow as tf
import waitress
from google.protobuf import json_format
from werkzeug.exceptions import HTTPException

from tfgan_faces.serving import openapi, request_format
from tfgan_faces.serving.conventions import MAX_ROWS, MODEL_NAME

_MAX_BYTES = 2**20
_SECONDS = 30  # until an idle connection is closed
LOCAL = ["127.0.0.1", "localhost", "::1"]
_PAGE = importlib.resources.files("tfgan_faces.serving") / "explorer"
# Paths that are valid for any model name. An unknown model is 404, an invalid path is 400.
_MODEL_PATH = re.compile(r"/v1/models/[^/:]+(/versions/[0-9]+)?(/metadata|:predict)?")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def build_server(versions, host, port):
    """Returns a listening server and its port. `run()` serves requests, `close()` ends it.

    Args:
        versions: `LoadedVersions`.
        host: str, the address to listen on.
        port: int, or 0 for any free port.
    """
    # waitress logs a warning for every request that has to wait.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(
        build_app(versions, LOCAL if host in LOCAL else None),
        host=host,
        port=port,
        threads=4,
        connection_limit=200,
        channel_timeout=_SECONDS,
        cleanup_interval=5,
        max_request_body_size=2 * _MAX_BYTES,  # waitress rejects larger ones in plain text
        max_request_header_size=2**14,
        ident=None,
    )
    # A name such as localhost may have several addresses, each with its own socket.
    listening = getattr(server, "effective_listen", None) or [(host, server.effective_port)]
    return server, int(listening[0][1])


def build_app(versions, trusted_hosts=None):
    """Returns the WSGI application.

    Args:
        versions: `LoadedVersions`.
        trusted_hosts: list of str, the accepted names in the Host header, or None for any. They
            prevent DNS rebinding: a web site whose name resolves to this machine is rejected.
    """
    app = flask.Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=_MAX_BYTES)
    app.json.sort_keys = False
    _add_checks(app, trusted_hosts)
    _add_page(app, versions)
    _add_model(app, versions)
    return app


def _add_checks(app, trusted_hosts):
    """Adds what applies to every request and answer."""

    @app.before_request
    def reject_untrusted_hosts():  # Flask's own TRUSTED_HOSTS does not support IPv6
        if trusted_hosts and _host_of(flask.request.host) not in trusted_hosts:
            flask.abort(400, f"Host {flask.request.host!r} is not trusted.")

    @app.before_request
    def reject_head():
        if flask.request.method == "HEAD" and flask.request.path.startswith("/v1/"):
            flask.abort(400, _malformed())

    @app.errorhandler(HTTPException)
    def as_json(error):
        # TF Serving reports wrong methods and unknown paths as malformed requests.
        path = flask.request.path
        unknown = error.code == 404 and path.startswith("/v1/") and not _MODEL_PATH.fullmatch(path)
        if unknown or error.code == 405:
            return {"error": _malformed()}, 400
        return {"error": error.description}, error.code

    @app.after_request
    def add_headers(response):
        response.headers.update(HEADERS)
        return response


def _add_page(app, versions):
    """Adds the explorer page and the description of the model's routes."""

    @app.get("/", defaults={"name": "index.html"})
    @app.get("/<name>")
    def page(name):
        return flask.send_from_directory(str(_PAGE), name)

    @app.get("/openapi.json")
    def description():
        loaded = versions.find()
        return openapi.describe(loaded.specs() if loaded else {})


def _add_model(app, versions):
    """Adds the routes of TF Serving's REST API."""
    model = f"/v1/models/{MODEL_NAME}"

    @app.get(model)
    @app.get(f"{model}/versions/<int:version>")
    def status(version=None):
        found = [
            _state(number, error)
            for number, error in versions.states().items()
            if version in (None, number)
        ]
        return {"model_version_status": found} if found else _not_found(version)

    @app.get(f"{model}/metadata")
    @app.get(f"{model}/versions/<int:version>/metadata")
    def metadata(version=None):
        loaded = versions.find(version)
        return _metadata(loaded) if loaded else _not_found(version)

    @app.post(f"{model}:predict")
    @app.post(f"{model}/versions/<int:version>:predict")
    def predict(version=None):
        loaded = versions.find(version)
        return _predict(loaded, flask.request.get_data()) if loaded else _not_found(version)


def _malformed():
    return f"Malformed request: {flask.request.method} {flask.request.path}"


def _host_of(host):
    """Returns the name in a Host header without its port and brackets, or None if it is invalid."""
    try:
        return urllib.parse.urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _predict(loaded, body):
    try:
        content = request_format.parse(body)
        name = content.get("signature_name") or "serving_default"
        if name not in loaded.definitions:
            raise request_format.InvalidRequestError(
                f'Serving signature name: "{name}" not found in signature def'
            )
        arrays = request_format.to_arrays(content, loaded.inputs(name), MAX_ROWS)
        return request_format.to_json(content, loaded.predict(name, arrays))
    except (request_format.InvalidRequestError, tf.errors.InvalidArgumentError) as error:
        return {"error": str(error)}, 400


def _not_found(version):
    which = f"Latest({MODEL_NAME})" if version is None else f"Specific({MODEL_NAME}, {version})"
    return {"error": f"Servable not found for request: {which}"}, 404


def _state(number, error):
    status = {"error_code": "OK", "error_message": ""}
    if error is not None:
        status = {"error_code": "UNKNOWN", "error_message": error}
    state = "AVAILABLE" if error is None else "END"
    return {"version": str(number), "state": state, "status": status}


def _metadata(loaded):
    definitions = {
        name: json_format.MessageToDict(
            definition, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )
        for name, definition in loaded.definitions.items()
    }
    return {
        "model_spec": {"name": MODEL_NAME, "signature_name": "", "version": str(loaded.number)},
        "metadata": {"signature_def": {"signature_def": definitions}},
    }
