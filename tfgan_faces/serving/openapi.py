"""The development server's OpenAPI description: TF Serving's REST paths with the model's types."""

import numpy as np

from tfgan_faces.serving.conventions import BATCH_SIZES, MODEL_NAME
from tfgan_faces.version import VERSION

_MODEL = f"/v1/models/{MODEL_NAME}"
_VERSION_PARAMETER = {
    "name": "version",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
}
# Part of a path -> its parameters: for the newest version, and for a given version.
_VERSION_PARTS = {"": [], "/versions/{version}": [_VERSION_PARAMETER]}
_STATUS = {
    "type": "object",
    "required": ["model_version_status"],
    "properties": {
        "model_version_status": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["version", "state", "status"],
                "properties": {
                    "version": {"type": "string", "pattern": "^[0-9]+$"},
                    "state": {"enum": ["AVAILABLE", "END"]},
                    "status": {"type": "object", "required": ["error_code", "error_message"]},
                },
            },
        }
    },
}
_METADATA = {"type": "object", "required": ["model_spec", "metadata"]}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string", "minLength": 1}},
}


def describe(signatures):
    """Returns the [OpenAPI 3.1](https://spec.openapis.org/oas/v3.1.0) description, a dict.

    Args:
        signatures: dict of name to (inputs, outputs), two dicts of name to `tf.TensorSpec`. The
            first axis of each tensor is the batch.
    """
    paths = {}
    for part, parameters in _VERSION_PARTS.items():
        path = _MODEL + part
        paths[path] = {"get": _operation("States of the versions", parameters, _STATUS, 400)}
        paths[f"{path}/metadata"] = {"get": _operation("Signatures", parameters, _METADATA, 400)}
        paths[f"{path}:predict"] = {"post": _predict(parameters, signatures)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Faces of nobody", "version": VERSION},
        "paths": paths,
    }


def _predict(parameters, signatures):
    requests, responses = [], []
    for name, (inputs, outputs) in signatures.items():
        requests += [
            _request(name, "instances", _rows(inputs)),
            _request(name, "inputs", _columns(inputs)),
        ]
        responses += [
            _object({"predictions": _rows(outputs)}),
            _object({"outputs": _columns(outputs)}),
        ]
    operation = _operation("Faces", parameters, {"anyOf": responses} if responses else {}, 400, 413)
    body = {"anyOf": requests} if requests else {"type": "object"}
    return {**operation, "requestBody": {"required": True, "content": _json(body)}}


def _operation(summary, parameters, response, *error_codes):
    errors = {
        str(code): {"description": "Rejected", "content": _json(_ERROR)} for code in error_codes
    }
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": "Success", "content": _json(response)},
            "404": {"description": "No such version", "content": _json(_ERROR)},
            **errors,
        },
    }


def _request(signature, form, values):
    schema = _object({"signature_name": {"const": signature}, form: values})
    if signature == "serving_default":
        schema["required"] = [form]
    return schema


def _rows(specs):
    """Returns the schema of values by rows. A single name may be omitted."""
    values = {name: _element(name, spec) for name, spec in specs.items()}
    return _batch({"anyOf": [_object(values), *(values.values() if len(values) == 1 else ())]})


def _columns(specs):
    """Returns the schema of values by columns. A single name may be omitted."""
    values = {name: _batch(_element(name, spec)) for name, spec in specs.items()}
    return {"anyOf": [_object(values), *(values.values() if len(values) == 1 else ())]}


def _batch(element):
    return {"type": "array", "items": element, "minItems": 1, "maxItems": BATCH_SIZES[-1]}


def _element(name, spec):
    """Returns the schema of one row of a tensor."""
    schema = _scalar(name, spec.dtype)
    for length in reversed(spec.shape[1:]):
        limits = {} if length is None else {"minItems": length, "maxItems": length}
        schema = {"type": "array", "items": schema, **limits}
    return schema


def _scalar(name, dtype):
    if dtype.is_integer:
        limits = np.iinfo(dtype.as_numpy_dtype)
        return {"type": "integer", "minimum": int(limits.min), "maximum": int(limits.max)}
    if dtype.is_floating:
        maximum = float(np.finfo(dtype.as_numpy_dtype).max)
        return {"type": "number", "minimum": -maximum, "maximum": maximum}
    if not name.endswith("_bytes"):
        return {"type": "string"}
    return _object({"b64": {"type": "string", "contentEncoding": "base64"}})


def _object(properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _json(schema):
    return {"application/json": {"schema": schema}}
