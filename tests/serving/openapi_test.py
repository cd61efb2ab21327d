import tensorflow as tf

from tfgan_faces.serving.openapi import describe

SPECS = {
    "serving_default": (
        {"latents": tf.TensorSpec((None, 8), tf.float32)},
        {"images": tf.TensorSpec((None, 2, 2, 3), tf.uint8)},
    ),
    "sample_png": (
        {
            "seed": tf.TensorSpec((None,), tf.int64),
            "truncation": tf.TensorSpec((None,), tf.float32),
        },
        {"png_bytes": tf.TensorSpec((None,), tf.string)},
    ),
}


def predict_schemas(description):
    operation = description["paths"]["/v1/models/faces:predict"]["post"]
    request = operation["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    response = operation["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"]
    return request, response


def test_rows_and_columns_have_the_types_and_lengths_of_signatures():
    request, response = predict_schemas(describe(SPECS))
    assert [schema["properties"].get("signature_name") for schema in request] == [
        *[{"const": "serving_default"}] * 2,
        *[{"const": "sample_png"}] * 2,
    ]
    instances = request[0]["properties"]["instances"]
    assert (instances["minItems"], instances["maxItems"]) == (1, 16)
    named, bare = instances["items"]["anyOf"]
    assert named["properties"] == {"latents": bare}
    assert (bare["minItems"], bare["maxItems"]) == (8, 8)
    maximum = (2 - 2**-23) * 2.0**127  # of float32
    assert bare["items"] == {"type": "number", "minimum": -maximum, "maximum": maximum}
    (row,) = request[2]["properties"]["instances"]["items"]["anyOf"]
    assert row["required"] == ["seed", "truncation"]
    assert row["properties"]["seed"] == {
        "type": "integer",
        "minimum": -(2**63),
        "maximum": 2**63 - 1,
    }
    assert response[3]["required"] == ["outputs"]


def test_only_the_default_signature_may_be_omitted():
    request, _ = predict_schemas(describe(SPECS))
    assert [schema["required"] for schema in request] == [
        ["instances"],
        ["inputs"],
        ["signature_name", "instances"],
        ["signature_name", "inputs"],
    ]


def test_paths_are_described_without_a_version():
    paths = describe({})["paths"]
    assert list(paths) == [
        "/v1/models/faces",
        "/v1/models/faces/metadata",
        "/v1/models/faces:predict",
        "/v1/models/faces/versions/{version}",
        "/v1/models/faces/versions/{version}/metadata",
        "/v1/models/faces/versions/{version}:predict",
    ]
