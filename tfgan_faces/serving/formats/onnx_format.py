"""Exports a generator to ONNX, by tf2onnx."""

import logging

from tfgan_faces.serving.formats.folder import written_folder
from tfgan_faces.serving.formats.graphs import expected_images, image_functions
from tfgan_faces.serving.verification import FORMATS_SCRIPT, TOLERANCES, verify

_OPSET = 18  # the first one with bitwise operations, which the noise of a seed needs
_LARGE = 256  # numbers; smaller constants stay float32


def export(generator, output, card, options):
    """Writes `images_from_latents.onnx` and `images_from_seeds.onnx`, see `formats.export`."""
    import tf2onnx

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    files = []
    with written_folder(output, card) as folder:
        for name, function in image_functions(generator).items():
            model, _ = tf2onnx.convert.from_function(
                function, input_signature=function.input_signature, opset=_OPSET
            )
            if options.weights == "float16":
                _store_as_float16(model)
            _describe(model, card)
            files.append(f"{name}.onnx")
            (folder / files[-1]).write_bytes(model.SerializeToString())
        verify(folder, expected_images(generator), TOLERANCES[options.weights], FORMATS_SCRIPT)
    return files


def _store_as_float16(model):
    """Stores large float32 constants as float16, which the runtime casts back when it loads."""
    from onnx import TensorProto, helper, numpy_helper

    for constant in list(model.graph.initializer):
        values = numpy_helper.to_array(constant)
        if constant.data_type != TensorProto.FLOAT or values.size < _LARGE:
            continue
        half = numpy_helper.from_array(values.astype("float16"), f"{constant.name}_float16")
        cast = helper.make_node("Cast", [half.name], [constant.name], to=TensorProto.FLOAT)
        model.graph.initializer.remove(constant)
        model.graph.initializer.append(half)
        model.graph.node.insert(0, cast)


def _describe(model, card):
    model.producer_name, model.producer_version = "tfgan_faces", str(card.get("tfgan_faces"))
    model.doc_string = str(card.get("name", ""))
