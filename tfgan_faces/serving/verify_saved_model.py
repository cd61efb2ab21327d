"""Loads a SavedModel as TF Serving does and compares its images; run as a script.

python verify_saved_model.py SAVED_MODEL_DIR EXPECTED.npz TOLERANCE
"""

import sys

import numpy as np
import tensorflow as tf


def main(folder, expected_path, tolerance):
    expected = np.load(expected_path)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta_graph = tf.compat.v1.saved_model.load(session, ["serve"], folder)
        for signature in sorted({name.split("/")[0] for name in expected.files}):
            definition = meta_graph.signature_def[signature]
            compare(session, definition, signature, expected, int(tolerance))
    if any(name.split(".")[0] == "tfgan_faces" for name in sys.modules):
        sys.exit("the check itself imported tfgan_faces")


def compare(session, definition, signature, expected, tolerance):
    feeds = {
        session.graph.get_tensor_by_name(definition.inputs[name.split("/")[2]].name): expected[name]
        for name in expected.files
        if name.startswith(f"{signature}/input/")
    }
    output = session.graph.get_tensor_by_name(definition.outputs["images"].name)
    for rows in (slice(None), slice(0, 1)):  # a batch, and its first row alone
        images = session.run(output, {tensor: value[rows] for tensor, value in feeds.items()})
        wanted = expected[f"{signature}/images"][rows]
        if images.shape != wanted.shape or images.dtype != np.uint8:
            sys.exit(f"{signature} gives {images.dtype} {images.shape}, not uint8 {wanted.shape}")
        difference = np.abs(images.astype(int) - wanted.astype(int)).max()
        if difference > tolerance:
            sys.exit(f"images of {signature} differ by {difference} grey levels")


if __name__ == "__main__":
    main(*sys.argv[1:])
