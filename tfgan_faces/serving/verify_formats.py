"""Runs exported files with their own runtimes, and compares their images. Run it as a script.

echo '["FOLDER", "EXPECTED.npz", TOLERANCE]' | python verify_formats.py

EXPECTED.npz holds arrays `<file name without ending>/input/<name>` and `<...>/images`.
"""

import json
import pathlib
import sys

import numpy as np


def main(folder, expected_path, tolerance):
    expected = np.load(expected_path)
    for name in sorted({key.split("/")[0] for key in expected.files}):
        (path,) = (p for p in pathlib.Path(folder).iterdir() if p.stem == name)
        prefix = f"{name}/input/"
        inputs = {
            key.removeprefix(prefix): expected[key]
            for key in expected.files
            if key.startswith(prefix)
        }
        compare(path, inputs, expected[f"{name}/images"], tolerance)


def compare(path, inputs, wanted, tolerance):
    run = RUNTIMES[path.suffix](str(path))
    for rows in (slice(None), slice(0, 1)):  # the whole batch, then its first row alone
        images = run({name: values[rows] for name, values in inputs.items()})
        expected = wanted[rows]
        if images.shape != expected.shape or images.dtype != np.uint8:
            sys.exit(f"{path.name} gives {images.dtype} {images.shape}, not {expected.shape}")
        difference = np.abs(images.astype(int) - expected.astype(int)).max()
        if difference > tolerance:
            sys.exit(f"images of {path.name} differ by {difference} grey levels")


def onnx_runtime(path):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda inputs: session.run(["images"], inputs)[0]


def litert(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(path)

    def run(inputs):
        ((_, values),) = inputs.items()
        index = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(index, values.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(index, values)
        interpreter.invoke()
        return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

    return run


def keras_model(path):
    import keras

    import tfgan_faces.layers  # noqa: F401 - registers the layers

    generator = keras.models.load_model(path)

    def run(inputs):
        images = np.asarray(generator(inputs["latents"], training=False))
        return np.uint8(np.rint((np.clip(images, -1.0, 1.0) + 1.0) * 127.5))

    return run


RUNTIMES = {".onnx": onnx_runtime, ".tflite": litert, ".keras": keras_model}

if __name__ == "__main__":
    main(*json.load(sys.stdin))
