import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from tfgan_faces.generation.sampling import between, faces_of_seeds
from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.serving.signatures import SIGNATURES

TYPES = {
    "latents": tf.float32,
    "seed": tf.int64,
    "from_seed": tf.int64,
    "to_seed": tf.int64,
    "truncation": tf.float32,
    "fraction": tf.float32,
    "images": tf.uint8,
    "png_bytes": tf.string,
}


@pytest.fixture(scope="module")
def signatures(exported):
    return tf.saved_model.load(exported).signatures


def pixels(pngs):
    return np.stack([tf.io.decode_png(png).numpy() for png in pngs])


def assert_equal_images(images, expected):
    np.testing.assert_allclose(images.astype(int), expected.astype(int), atol=1)


def test_every_input_and_output_is_batched_and_typed(signatures):
    assert set(signatures) == set(SIGNATURES)
    for signature in signatures.values():
        inputs = signature.structured_input_signature[1]
        for name, spec in {**inputs, **signature.structured_outputs}.items():
            assert spec.dtype == TYPES[name]
            assert spec.shape[0] is None
    outputs = {name: list(signature.structured_outputs) for name, signature in signatures.items()}
    assert outputs == {
        "serving_default": ["images"],
        "sample": ["images"],
        "png": ["png_bytes"],
        "sample_png": ["png_bytes"],
        "interpolate": ["png_bytes"],
    }


def test_the_face_of_a_seed_equals_the_librarys(signatures, generator):
    seeds = [5, 0, 2**33, -7]
    images = signatures["sample"](seed=tf.constant(seeds, tf.int64))["images"].numpy()
    assert_equal_images(images, faces_of_seeds(generator, seeds))
    alone = signatures["sample"](seed=tf.constant(seeds[2:3], tf.int64))["images"].numpy()
    assert_equal_images(alone, images[2:3])


def test_pngs_contain_the_same_images(signatures):
    seeds = tf.constant([3, 9], tf.int64)
    latents = latents_from_seeds(seeds, 8)
    images = signatures["serving_default"](latents=latents)["images"].numpy()
    np.testing.assert_array_equal(pixels(signatures["png"](latents=latents)["png_bytes"]), images)
    sampled = signatures["sample_png"](seed=seeds, truncation=tf.constant([1.0, 1.0]))
    np.testing.assert_array_equal(pixels(sampled["png_bytes"]), images)


def test_each_row_has_its_own_truncation(signatures, generator):
    seeds = tf.constant([3, 3, 3], tf.int64)
    pngs = signatures["sample_png"](seed=seeds, truncation=tf.constant([1.0, 0.5, 0.0]))
    for image, factor in zip(pixels(pngs["png_bytes"]), (1.0, 0.5, 0.0)):
        assert_equal_images(image[None], faces_of_seeds(generator, [3], factor))


def test_interpolation_equals_the_librarys(signatures, generator):
    count = 5
    pngs = signatures["interpolate"](
        from_seed=tf.fill([count], tf.constant(3, tf.int64)),
        to_seed=tf.fill([count], tf.constant(8, tf.int64)),
        fraction=tf.linspace(0.0, 1.0, count),
        truncation=tf.fill([count], 0.7),
    )["png_bytes"]
    assert_equal_images(pixels(pngs), between(generator, [3, 8], count, truncation=0.7))


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_nonfinite_row_is_black_and_does_not_affect_others(signatures, broken):
    latents = np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32)
    whole = signatures["serving_default"](latents=tf.constant(latents))["images"].numpy()
    latents[1, 4] = broken
    images = signatures["serving_default"](latents=tf.constant(latents))["images"].numpy()
    assert images[1].max() == 0
    np.testing.assert_array_equal(images[[0, 2]], whole[[0, 2]])


def test_factors_are_clipped_and_never_cause_an_error(signatures):
    seeds = tf.constant([3, 3, 3, 3], tf.int64)
    factors = tf.constant([7.0, 1.0, -1.0, 0.0])
    images = pixels(signatures["sample_png"](seed=seeds, truncation=factors)["png_bytes"])
    np.testing.assert_array_equal(images[0], images[1])
    np.testing.assert_array_equal(images[2], images[3])
    with_nan = tf.constant([np.nan, 1.0, 1.0, 1.0])
    for factors in ({"fraction": with_nan}, {"truncation": with_nan}):
        inputs = {"fraction": tf.ones(4), "truncation": tf.ones(4), **factors}
        images = pixels(
            signatures["interpolate"](from_seed=seeds, to_seed=seeds, **inputs)["png_bytes"]
        )
        assert images[0].max() == 0
        assert images[1].max() > 0


@pytest.mark.parametrize(
    ("signature", "inputs"),
    [
        ("serving_default", {"latents": np.zeros((2, 7), np.float32)}),
        ("serving_default", {"latents": np.zeros(8, np.float32)}),
        ("serving_default", {"latents": np.zeros((2, 8, 1), np.float32)}),
        ("sample", {"seed": np.zeros((2, 1), np.int64)}),
        ("sample_png", {"seed": np.zeros(2, np.int64), "truncation": np.ones(1, np.float32)}),
        ("sample_png", {"seed": np.zeros(1, np.int64), "truncation": np.ones(2, np.float32)}),
        ("sample_png", {"seed": np.zeros(2, np.int64), "truncation": np.ones((2, 1), np.float32)}),
        ("serving_default", {"latents": np.zeros((257, 8), np.float32)}),
        ("sample", {"seed": np.zeros(257, np.int64)}),
    ],
)
def test_the_graph_rejects_wrong_shapes_as_invalid_arguments(exported, signature, inputs):
    """Removes the placeholders' shapes: TF Serving, unlike a session, does not check them."""
    with open(f"{exported}/saved_model.pb", "rb") as file:
        meta_graph = saved_model_pb2.SavedModel.FromString(file.read()).meta_graphs[0]
    for node in meta_graph.graph_def.node:
        if node.op == "Placeholder":
            node.attr["shape"].shape.Clear()
            node.attr["shape"].shape.unknown_rank = True
            node.attr.pop("_output_shapes", None)
    definition = meta_graph.signature_def[signature]
    with tf.Graph().as_default() as graph, tf.compat.v1.Session() as session:
        tf.import_graph_def(meta_graph.graph_def, name="")
        feeds = {
            graph.get_tensor_by_name(definition.inputs[name].name): values
            for name, values in inputs.items()
        }
        ((_, output),) = definition.outputs.items()
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(output.name, feeds)


def test_a_request_may_have_256_rows(signatures):
    assert signatures["sample"](seed=tf.range(256, dtype=tf.int64))["images"].shape[0] == 256


def test_the_file_contains_the_weights_once(exported, generator):
    size = sum(weights.nbytes for weights in generator.get_weights())
    with open(f"{exported}/saved_model.pb", "rb") as file:
        assert len(file.read()) < 2 * size  # derived kernels are larger than the weights
