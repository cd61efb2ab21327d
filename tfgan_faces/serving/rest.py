"""The REST API of TF Serving, from the asking side."""

import base64
import contextlib

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tfgan_faces.errors import UserError

_RETRIES = 6  # with pauses of 0.2, 0.4, ... seconds: some 12 seconds in all


class RestTransport:
    """Requests to one model over HTTP.

    Args:
        server: str, as `http://localhost:8501`.
        model: str, the model's name.
        timeout: number, seconds that each try may take; only tries that found the server
            unavailable are repeated.
    """

    def __init__(self, server, model, timeout):
        self._url, self._timeout = f"{server}/v1/models/{model}", timeout
        retry = Retry(
            total=_RETRIES,
            read=0,
            backoff_factor=0.2,
            status_forcelist=(502, 503, 504),  # a proxy's words for it, too
            respect_retry_after_header=False,
            allowed_methods=None,  # POST, too: a prediction changes nothing
            raise_on_status=False,
        )
        self._session = requests.Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))

    def predict(self, signature, inputs):
        """Returns the PNGs of one batch, list of bytes.

        Args:
            signature: str.
            inputs: dict of input name to array.
        """
        content = {
            "signature_name": signature,
            "inputs": {name: values.tolist() for name, values in inputs.items()},
        }
        answer = self._ask("POST", f"{self._url}:predict", json=content)
        with self._understanding():
            return [base64.b64decode(png["b64"]) for png in answer["outputs"]]

    def status(self):
        """Returns the model's versions, see `Client.status`."""
        answer = self._ask("GET", self._url)
        with self._understanding():
            return [
                {"version": int(it["version"]), "state": it["state"]}
                for it in answer["model_version_status"]
            ]

    def close(self):
        """Closes the connections."""
        self._session.close()

    def _ask(self, method, url, **content):
        try:
            response = self._session.request(method, url, timeout=self._timeout, **content)
        except requests.RequestException as error:
            raise UserError(f"No answer from {self._url}: {error}.") from error
        if not response.ok:
            raise UserError(f"{self._url} answered {response.status_code}: {_reason(response)}")
        with self._understanding():
            return response.json()

    @contextlib.contextmanager
    def _understanding(self):
        try:
            yield
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"{self._url} answered something that is not a model server's JSON; is it one?"
            ) from error


def _reason(response):
    """Returns what an error's answer says, in JSON or not."""
    try:
        return response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return response.reason
