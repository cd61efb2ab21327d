import json

import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.serving.request_format import InvalidRequestError, parse, to_arrays, to_json

LATENTS = {"latents": tf.TensorSpec((None, 2), tf.float32)}
SEED = {"seed": tf.TensorSpec((None,), tf.int64)}
SAMPLE = {**SEED, "truncation": tf.TensorSpec((None,), tf.float32)}


def arrays(content, specs, max_rows=4):
    return to_arrays(parse(json.dumps(content).encode()), specs, max_rows)


@pytest.mark.parametrize(
    "content",
    [
        {"instances": [[1, 2.5], [3, 4]]},
        {"instances": [{"latents": [1, 2.5]}, {"latents": [3, 4]}]},
        {"inputs": [[1, 2.5], [3, 4]]},
        {"inputs": {"latents": [[1, 2.5], [3, 4]]}},
    ],
)
def test_rows_and_columns_with_and_without_names(content):
    (latents,) = arrays(content, LATENTS).values()
    assert latents.dtype == np.float32
    np.testing.assert_array_equal(latents, [[1, 2.5], [3, 4]])


@pytest.mark.parametrize(
    "content",
    [
        {"instances": [{"seed": 3, "truncation": 1}, {"seed": 2**62, "truncation": 0.5}]},
        {"inputs": {"seed": [3, 2**62], "truncation": [1, 0.5]}},
    ],
)
def test_several_inputs(content):
    found = arrays(content, SAMPLE)
    np.testing.assert_array_equal(found["seed"], [3, 2**62])
    assert found["seed"].dtype == np.int64
    np.testing.assert_array_equal(found["truncation"], np.float32([1, 0.5]))


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[1]", b"3", b'"x"', b"\xff", b"[" * 100_000),
        '{"inputs": [1]}'.encode("utf-16"),
        b'{"inputs": [[1e400, 0]]}',
    ],
)
def test_bodies_that_are_not_a_json_object_are_rejected(body):
    with pytest.raises(InvalidRequestError):
        parse(body)


@pytest.mark.parametrize(
    ("content", "specs"),
    [
        ({}, SEED),
        ({"instances": [1], "inputs": [1]}, SEED),
        ({"instances": [1], "signature_name": 3}, SEED),
        ({"instances": []}, SEED),
        ({"instances": {}}, SEED),
        ({"instances": 5}, SEED),
        ({"inputs": 5}, SEED),
        ({"inputs": None}, SEED),
        ({"inputs": {}}, SEED),
        ({"inputs": {"seeds": [1]}}, SEED),
        ({"inputs": {"seed": [1.5]}}, SEED),
        ({"inputs": {"seed": ["1"]}}, SEED),
        ({"inputs": {"seed": [True]}}, SEED),
        ({"inputs": {"seed": [3, True]}}, SEED),
        ({"inputs": [[1.5, True]]}, LATENTS),
        ({"inputs": {"seed": [None]}}, SEED),
        ({"inputs": {"seed": [2**63]}}, SEED),
        ({"inputs": {"seed": [-(2**63) - 1]}}, SEED),
        ({"inputs": []}, LATENTS),
        ({"inputs": {"seed": [10**30]}}, SEED),
        ({"inputs": {"seed": [[1]]}}, SEED),
        ({"inputs": {"seed": [1, 2, 3, 4, 5]}}, SEED),
        ({"inputs": {"seed": [1, 2], "truncation": [1]}}, SAMPLE),
        ({"inputs": [1, 2]}, SAMPLE),
        ({"instances": [{"seed": 1}]}, SAMPLE),
        ({"instances": [1]}, SAMPLE),
        ({"instances": [[1, 2], [3]]}, LATENTS),
        ({"instances": [[1, 2, 3]]}, LATENTS),
        ({"instances": [[1, [2]]]}, LATENTS),
        ({"instances": [[1, {}]]}, LATENTS),
    ],
)
def test_invalid_requests_are_rejected(content, specs):
    with pytest.raises(InvalidRequestError):
        arrays(content, specs)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"inputs": {"seed": [-9223372036854775808]}}', [-(2**63)]),
        (b'{"inputs": {"seed": [1], "unknown": [1]}}', [1]),
        (b' {"inputs": [1]} and more', [1]),
        (b'{"inputs": []}', []),
    ],
)
def test_requests_that_tf_serving_accepts_are_accepted(body, expected):
    (seeds,) = to_arrays(parse(body), SEED, 4).values()
    assert seeds.dtype == np.int64
    assert seeds.tolist() == expected


def test_numbers_too_large_for_float32_are_infinite():
    found = to_arrays(parse(b'{"inputs": [[1e300, -1e39]]}'), LATENTS, 1)["latents"]
    np.testing.assert_array_equal(found, [[np.inf, -np.inf]])


def test_nan_and_infinity_are_accepted():
    content = parse(b'{"inputs": [[Infinity, NaN]]}')
    np.testing.assert_array_equal(to_arrays(content, LATENTS, 1)["latents"], [[np.inf, np.nan]])


def test_responses_have_rows_or_columns_as_the_request():
    images = {"images": np.uint8([[1, 2], [3, 4]])}
    assert to_json({"instances": []}, images) == {"predictions": [[1, 2], [3, 4]]}
    assert to_json({"inputs": []}, images) == {"outputs": [[1, 2], [3, 4]]}
    pngs = {"png_bytes": np.array([b"\x00\xff"], object)}
    assert to_json({"instances": []}, pngs) == {"predictions": [{"b64": "AP8="}]}
    both = {"a": np.float32([1]), "b": np.float32([2])}
    assert to_json({"instances": []}, both) == {"predictions": [{"a": 1.0, "b": 2.0}]}
    assert to_json({"inputs": []}, both) == {"outputs": {"a": [1.0], "b": [2.0]}}
