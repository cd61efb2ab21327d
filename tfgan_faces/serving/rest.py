"""A client for TF Serving's REST API."""

import base64
import contextlib

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tfgan_faces.errors import UserError

_RETRIES = 6  # with delays of 0, 0.4, 0.8, ... seconds, about 12 seconds in total


class RestTransport:
    """Sends requests to one model over HTTP.

    Args:
        server: str, such as `http://localhost:8501`.
        model: str, the model's name.
        timeout: number, seconds to wait for a response to each attempt. Only attempts that find
            the server unavailable are retried.
        headers: dict of str to str, sent with every request, or None.
    """

    def __init__(self, server, model, timeout, headers=None):
        self._url, self._timeout = f"{server}/v1/models/{model}", timeout
        retry = Retry(
            total=_RETRIES,
            read=0,
            backoff_factor=0.2,
            status_forcelist=(502, 503, 504),  # 502 and 504 come from proxies
            respect_retry_after_header=False,
            allowed_methods=None,  # all, including POST: a prediction has no side effects
            raise_on_status=False,
        )
        self._session = requests.Session()
        self._session.headers.update(headers or {})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))

    def predict(self, signature, inputs):
        """Returns the strings of one batch, such as PNGs: list of bytes.

        Args:
            signature: str.
            inputs: dict of input name to array.
        """
        content = {
            "signature_name": signature,
            "inputs": {name: values.tolist() for name, values in inputs.items()},
        }
        response = self._request("POST", f"{self._url}:predict", json=content)
        with self._parsing():
            return [
                text.encode() if isinstance(text, str) else base64.b64decode(text["b64"])
                for text in response["outputs"]
            ]

    def status(self):
        """Returns the model's versions as `Client.status` does."""
        response = self._request("GET", self._url)
        with self._parsing():
            return [
                {"version": int(version["version"]), "state": version["state"]}
                for version in response["model_version_status"]
            ]

    def close(self):
        """Closes the connections."""
        self._session.close()

    def _request(self, method, url, **content):
        try:
            response = self._session.request(method, url, timeout=self._timeout, **content)
        except requests.RequestException as error:
            raise UserError(f"No answer from {self._url}: {error}.") from error
        if not response.ok:
            raise UserError(f"{self._url} answered {response.status_code}: {_reason(response)}")
        with self._parsing():
            return response.json()

    @contextlib.contextmanager
    def _parsing(self):
        try:
            yield
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"The response of {self._url} is not a model server's JSON. Check the address."
            ) from error


def _reason(response):
    """Returns the error message of a response, or the reason phrase if there is no JSON."""
    try:
        return response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return response.reason
