"""Preparation of photos and drawn faces as TFDS records."""
