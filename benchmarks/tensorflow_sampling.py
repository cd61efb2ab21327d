"""Exported generators at 64x64 for the sampling benchmark."""

import os

import numpy as np
import tensorflow as tf

import tfgan_faces as tg
from benchmarks.tensorflow_training import use_threads


def exported(architecture, precision, folder, batch_size, threads):
    """Returns a function that samples a batch of images with the library's export."""
    use_threads(threads)
    generator = tg.build_generator(architecture, 64, precision=precision)
    version = tg.export(generator, folder, {})
    served = tf.saved_model.load(version)
    latents = _latents(generator, batch_size)
    return lambda: served.signatures["serving_default"](latents=latents)["images"].numpy()


def plain(architecture, folder, batch_size, threads):
    """Returns a function that samples a batch of images with Keras' export of plain layers."""
    use_threads(threads)
    generator = tg.build_generator(architecture, 64, fused=False)
    if not os.path.exists(folder):
        generator.export(folder, verbose=False)
    served = tf.saved_model.load(folder)  # keep a reference: it owns the variables
    latents = _latents(generator, batch_size)
    return lambda: served.serve(latents).numpy()


def _latents(generator, batch_size):
    size = (batch_size, generator.input_shape[-1])
    return tf.constant(np.random.default_rng(0).standard_normal(size), tf.float32)
