"""Exported generators with their own runtimes, for the benchmark of the formats."""

import numpy as np


def saved_model(path, batch_size, threads):
    """Returns a function that computes a batch of images with TensorFlow."""
    import tensorflow as tf

    from benchmarks.tensorflow_training import use_threads

    use_threads(threads)
    served = tf.saved_model.load(path)
    function = served.signatures["serving_default"]
    latents = tf.constant(_latents(function.structured_input_signature[1]["latents"], batch_size))
    return lambda: (served, function(latents=latents)["images"].numpy())[1]


def keras(path, batch_size, threads):
    """Returns a function that computes a batch of images with the Keras model, compiled."""
    import tensorflow as tf
    from keras.models import load_model

    import tfgan_faces.layers  # noqa: F401 - registers the layers
    from benchmarks.tensorflow_training import use_threads

    use_threads(threads)
    generator = load_model(path)
    function = tf.function(lambda latents: generator(latents, training=False))
    latents = tf.constant(_latents(generator.inputs[0], batch_size))
    return lambda: function(latents).numpy()


def onnx(path, batch_size, threads):
    """Returns a function that computes a batch of images with ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    latents = _latents(session.get_inputs()[0], batch_size)
    return lambda: session.run(["images"], {"latents": latents})


def tflite(path, batch_size, threads):
    """Returns a function that computes a batch of images with LiteRT."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(path, num_threads=threads)
    index = interpreter.get_input_details()[0]["index"]
    latents = _latents(interpreter.get_input_details()[0], batch_size)
    interpreter.resize_tensor_input(index, latents.shape)
    interpreter.allocate_tensors()
    output = interpreter.get_output_details()[0]["index"]

    def run():
        interpreter.set_tensor(index, latents)
        interpreter.invoke()
        return interpreter.get_tensor(output)

    return run


def _latents(described, batch_size):
    """Returns latents for a runtime's description of its input."""
    shape = described["shape"] if isinstance(described, dict) else described.shape
    return np.random.default_rng(0).standard_normal((batch_size, shape[-1])).astype(np.float32)
