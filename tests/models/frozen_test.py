import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces import models
from tfgan_faces.layers import Cropping2D, Deconvolution2D, FusedBatchNormalization
from tfgan_faces.models.frozen import FrozenGenerator


def randomized(generator, rng):
    """Sets the statistics, scales and offsets of every batch norm to random values."""
    for layer in generator.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            shapes = [weights.shape for weights in layer.get_weights()]
            ranges = [(0.5, 1.5), (-1.0, 1.0), (-1.0, 1.0), (0.3, 2.0)]
            layer.set_weights(
                [rng.uniform(*limits, shape) for limits, shape in zip(ranges, shapes)]
            )
    return generator


@pytest.mark.parametrize(
    ("name", "fused"),
    [("exercise", True), ("exercise", False), ("blog", True), ("blog", False), ("dcgan", True)],
)
def test_images_equal_the_generators(name, fused, rng):
    generator = randomized(models.build_generator(name, 32, 8, 0.5, fused=fused), rng)
    latents = rng.normal(size=(4, 8)).astype(np.float32)
    expected = generator(latents, training=False).numpy()
    assert expected.std() > 0.01
    np.testing.assert_allclose(FrozenGenerator(generator)(latents), expected, atol=1e-4)


@pytest.mark.parametrize("name", models.ARCHITECTURES)
def test_bfloat16_layers_stay_bfloat16(name, rng):
    settings = {"image_size": 32, "latent_dim": 8, "width": 0.5}
    generator = models.build_generator(name, precision="mixed_bfloat16", **settings)
    whole = models.build_generator(name, **settings)
    randomized(generator, rng)
    whole.set_weights(generator.get_weights())
    latents = rng.normal(size=(4, 8)).astype(np.float32)
    images = FrozenGenerator(generator)(latents)
    assert images.dtype == tf.float32
    difference = np.abs(images - whole(latents, training=False).numpy())
    assert 1e-5 < difference.mean() < 0.02


def test_graph_holds_constants_and_no_batch_norm(rng):
    generator = models.build_generator("exercise", 32, 8, 0.25)
    run = tf.function(FrozenGenerator(generator)).get_concrete_function(tf.TensorSpec((None, 8)))
    kinds = {node.op for node in run.graph.as_graph_def().node}
    assert not kinds & {"ReadVariableOp", "FusedBatchNormV3", "Rsqrt", "Einsum", "ReverseV2"}
    assert len(run.captured_inputs) == 0


def test_shift_before_a_full_deconvolution_by_hand():
    """Ones become 2 * 1 + 3 = 5, but pixels outside of the image remain 0."""
    inputs = keras.Input((4,))
    x = keras.layers.Reshape((2, 2, 1))(inputs)
    x = keras.layers.ReLU()(x)
    norm = FusedBatchNormalization(epsilon=0.0)
    x = Deconvolution2D(1, 2, kernel_initializer="ones")(norm(x))
    model = keras.Model(inputs, x)
    norm.set_weights([np.array([value]) for value in (2.0, 3.0, 0.0, 1.0)])
    images = FrozenGenerator(model)(tf.ones((1, 4)))
    np.testing.assert_allclose(images[0, :, :, 0], [[5, 10, 5], [10, 20, 10], [5, 10, 5]])


def test_norms_that_cannot_be_folded_are_kept(rng):
    inputs = keras.Input((6, 6, 3))
    x = keras.layers.Conv2D(5, 3)(inputs)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = Cropping2D(1)(keras.layers.BatchNormalization()(x))
    last = keras.Model(inputs, keras.layers.BatchNormalization()(keras.layers.ReLU()(x)))
    branched = keras.Model(inputs, keras.layers.Add()([x, x]))
    images = rng.normal(size=(2, 6, 6, 3)).astype(np.float32)
    for model in (last, branched):
        frozen = FrozenGenerator(randomized(model, rng))
        expected = model(images, training=False)
        np.testing.assert_allclose(frozen(images), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", models.ARCHITECTURES)
def test_weights_are_constants_and_fit_in_half_the_memory(name, rng):
    generator = randomized(models.build_generator(name, 32, 8, 0.25), rng)
    latents = rng.normal(size=(4, 8)).astype(np.float32)
    sizes, images = [], []
    for stored in ("float32", "float16"):
        frozen = tf.function(FrozenGenerator(generator, stored))
        traced = frozen.get_concrete_function(tf.TensorSpec((None, 8)))
        assert not traced.captured_inputs
        sizes.append(traced.graph.as_graph_def().ByteSize())
        images.append(frozen(latents).numpy())
    assert sizes[1] < 0.65 * sizes[0]
    np.testing.assert_allclose(images[1], images[0], atol=0.02)
    assert np.abs(images[1] - images[0]).max() > 0
