"""From the averaged generator to a version that TF Serving loads, and to faces from a server."""

from tfgan_faces.serving.client import Client  # over REST it needs no TensorFlow

__all__ = ["Client"]
