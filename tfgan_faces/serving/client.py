"""A client for TF Serving and the development server."""

import io

import numpy as np
from PIL import Image

from tfgan_faces.errors import UserError
from tfgan_faces.serving.conventions import BATCH_SIZES, MODEL_NAME
from tfgan_faces.serving.rest import RestTransport


class Client:
    """Requests faces from a server.

    Requests are retried with growing delays while the server is unavailable.

    Args:
        server: `"http://host:8501"`, `"https://..."` or `"grpc://host:8500"`. gRPC needs
            tensorflow-serving-api.
        model: str, the model's name on the server.
        timeout: number, seconds to wait for a response. Over gRPC this includes retries.
        headers: dict of str to str, sent with every HTTP request, such as a key for a proxy.

    Example:

    >>> client = Client("http://localhost:8501")
    >>> faces = client.sample(range(16), truncation=0.8)  # uint8 [16, height, width, 3]
    """

    def __init__(self, server, model=MODEL_NAME, timeout=30.0, headers=None):
        scheme, _, address = server.partition("://")
        if scheme in ("http", "https") and address:
            self._transport = RestTransport(server.rstrip("/"), model, timeout, headers)
        elif scheme == "grpc" and address and not headers:
            from tfgan_faces.serving.grpc_transport import GrpcTransport  # imports TensorFlow

            self._transport = GrpcTransport(address.rstrip("/"), model, timeout)
        else:
            raise UserError(
                "The server must be http://HOST:PORT, https://HOST:PORT or, without `headers`, "
                "grpc://HOST:PORT. "
                f"Received: {server!r}"
            )

    def sample(self, seeds, truncation=1.0, label=None):
        """Returns the faces of seeds, the same as `tfgan_faces.faces_of_seeds`.

        Args:
            seeds: sequence of ints, at least one.
            truncation: factor in 0..1 that multiplies the latents.
            label: str, one of `labels()`; by default, each seed chooses.

        Returns:
            uint8 array [count, height, width, 3].

        Raises:
            ValueError: seeds are not ints or are empty, or truncation is out of range.
            UserError: the server does not respond, or rejects the request, or its model has no
                such label.
        """
        seeds = np.asarray(list(seeds))
        if seeds.ndim != 1 or (seeds.size and seeds.dtype.kind not in "iu"):
            raise ValueError(f"`seeds` must be ints. Received: {seeds!r}")
        if not 0.0 <= truncation <= 1.0:
            raise ValueError(f"`truncation` must be in 0..1. Received: {truncation}")
        seeds = seeds.astype(np.int64)
        inputs = {"seed": seeds, "truncation": np.full(len(seeds), truncation, np.float32)}
        if label is None:
            return self._images("sample_png", inputs)
        labels = self.labels()
        if label not in labels:
            raise UserError(f"The label must be {' or '.join(labels)}. Received: {label}")
        inputs["label"] = np.full(len(seeds), labels.index(label), np.int64)
        return self._images("sample_label", inputs)

    def labels(self):
        """Returns the names of the model's labels, list of str.

        Raises:
            UserError: the server does not respond, or its model has no labels.
        """
        indices = np.arange(BATCH_SIZES[-1], dtype=np.int64)
        names = []
        while not names or names[-1]:
            names += self._transport.predict("labels", {"index": indices + len(names)})
        return [name.decode() for name in names if name]

    def generate(self, latents):
        """Returns the faces of latents.

        Args:
            latents: float array [count, latent_dim], finite, with at least one row.

        Returns:
            uint8 array [count, height, width, 3].

        Raises:
            ValueError: latents are not finite, or have another shape.
            UserError: the server does not respond, or rejects the request.
        """
        latents = np.asarray(latents, np.float32)
        if latents.ndim != 2 or not np.isfinite(latents).all():
            raise ValueError(
                "`latents` must be finite numbers [count, latent_dim]. "
                f"Received: an array of shape {latents.shape}"
            )
        return self._images("png", {"latents": latents})

    def status(self):
        """Returns the model's versions: list of dicts with `version` (int) and `state` (str)."""
        return self._transport.status()

    def close(self):
        """Closes the connections to the server."""
        self._transport.close()

    def _images(self, signature, inputs):
        """Requests images in batches of a size that the server accepts."""
        count, max_rows = len(next(iter(inputs.values()))), BATCH_SIZES[-1]
        if count == 0:
            raise ValueError("At least one face must be requested.")
        pngs = []
        for first in range(0, count, max_rows):
            batch = {name: values[first : first + max_rows] for name, values in inputs.items()}
            pngs += self._transport.predict(signature, batch)
        return np.stack([_decoded(png) for png in pngs])


def _decoded(png):
    try:
        return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    except OSError as error:
        raise UserError("The server returned an image that is not a PNG.") from error
