"""Exports the averaged generator for TF Serving, serves it and requests faces from a server."""

from tfgan_faces.serving.client import Client  # imports TensorFlow only for gRPC

__all__ = ["Client"]
