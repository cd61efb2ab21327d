"""Converts TF Serving's JSON, by rows or by columns, to arrays and back.

It accepts and rejects what TF Serving's own parser does: only UTF-8, and no number too large for a
double. Text after the object is ignored, and so are unknown columns.
"""

import base64
import json
import math

import numpy as np

_ROWS, _COLUMNS = "instances", "inputs"


def _parse_double(text):
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text} is too large for a double")
    return value


_DECODER = json.JSONDecoder(parse_float=_parse_double)


class InvalidRequestError(ValueError):
    """A request that the server rejects with status 400."""


def parse(body):
    """Returns a request's JSON object.

    Args:
        body: bytes.

    Raises:
        InvalidRequestError: the body is not a JSON object with either rows or columns.
    """
    try:
        content, _ = _DECODER.raw_decode(body.decode("utf-8").lstrip())
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError(f"JSON Parse error: {error}") from error
    if not isinstance(content, dict):
        raise InvalidRequestError("JSON Value: the request must be an object")
    if (_ROWS in content) == (_COLUMNS in content):
        raise InvalidRequestError(f"Request must have either '{_ROWS}' or '{_COLUMNS}'")
    if not isinstance(content.get("signature_name", ""), str):
        raise InvalidRequestError("'signature_name' must be a string")
    return content


def to_arrays(content, specs, max_rows):
    """Returns the inputs of a request: dict of name to array.

    Args:
        content: what `parse` returns.
        specs: dict of input name to `tf.TensorSpec`.
        max_rows: int, the maximum number of rows.

    Raises:
        InvalidRequestError: an input is missing or unknown, its type or shape is wrong, or there
            are more than `max_rows` rows.
    """
    columns = content[_COLUMNS] if _COLUMNS in content else _columns(content[_ROWS], specs)
    if not isinstance(columns, dict):
        if len(specs) > 1:
            raise InvalidRequestError(
                f"'{_COLUMNS}' must be an object with {', '.join(sorted(specs))}"
            )
        columns = {name: columns for name in specs}
    if not set(specs) <= set(columns):
        raise InvalidRequestError(
            f"inputs must be {', '.join(sorted(specs))}, not {', '.join(sorted(map(str, columns)))}"
        )
    arrays = {name: _array(name, columns[name], spec) for name, spec in specs.items()}
    counts = {len(values) for values in arrays.values()}
    if len(counts) > 1:
        raise InvalidRequestError("inputs must have the same number of rows")
    if max(counts) > max_rows:
        raise InvalidRequestError(f"a request must have at most {max_rows} rows, not {max(counts)}")
    return arrays


def to_json(content, outputs):
    """Returns the response to a request, by rows or by columns as the request.

    Args:
        content: what `parse` returns.
        outputs: dict of output name to array. The first axis is the rows.
    """
    columns = {name: _values(name, values) for name, values in outputs.items()}
    only = next(iter(columns.values())) if len(columns) == 1 else None
    if _COLUMNS in content:
        return {"outputs": columns if only is None else only}
    rows = [dict(zip(columns, row)) for row in zip(*columns.values())]
    return {"predictions": rows if only is None else only}


def _columns(rows, specs):
    """Returns the values of rows by column: dict of input name to list."""
    if not isinstance(rows, list) or not rows:
        raise InvalidRequestError(f"'{_ROWS}' must be a non-empty list")
    if len(specs) == 1 and not isinstance(rows[0], dict):
        return {name: rows for name in specs}
    for row in rows:
        if not isinstance(row, dict) or set(row) != set(specs):
            raise InvalidRequestError(
                f"every instance must be an object with {', '.join(sorted(specs))}"
            )
    return {name: [row[name] for row in rows] for name in specs}


def _array(name, values, spec):
    dtype = spec.dtype.as_numpy_dtype
    try:
        array = np.array(values, dtype if values == [] else None)
    except (ValueError, OverflowError, RecursionError) as error:
        raise InvalidRequestError(f"{name} must be a regular array of numbers") from error
    kinds = "iu" if spec.dtype.is_integer else "iuf"
    if array.dtype.kind not in kinds or not isinstance(values, list) or _has_booleans(values):
        raise InvalidRequestError(f"{name} must be a list of {np.dtype(dtype).name}")
    if spec.dtype.is_integer and array.dtype != dtype:
        limits = np.iinfo(dtype)
        if np.any((array > limits.max) | (array < limits.min)):
            raise InvalidRequestError(f"{name} must be in {limits.min}..{limits.max}")
    if not spec.shape.is_compatible_with(array.shape):
        raise InvalidRequestError(f"{name} must be of shape {spec.shape}, not {array.shape}")
    with np.errstate(over="ignore"):  # too large for float32: infinite, black image
        return array.astype(dtype)


def _has_booleans(values):
    """Returns whether a nested list holds booleans, which NumPy would convert to numbers."""
    if isinstance(values, list):
        return any(map(_has_booleans, values))
    return isinstance(values, bool)


def _values(name, array):
    if array.dtype != object:
        return array.tolist()
    if name.endswith("_bytes"):
        return [{"b64": base64.b64encode(value).decode()} for value in array]
    return [value.decode() for value in array]
