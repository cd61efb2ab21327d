"""Tests of all architectures, driven by one table."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces import models
from tfgan_faces.config import ModelConfig
from tfgan_faces.errors import UserError

# Name, image size, latent length, parameters of the generator and of the discriminator. The
# parameters are the sum of kernel * inputs * outputs + outputs over the layers, plus 4 numbers
# per normalised channel.
TABLE = [
    (
        *("exercise", 32, 128),
        (128 + 1) * 4096 + (25 * 256 + 5) * 128 + (25 * 128 + 5) * 64 + (25 * 64 + 1) * 3,
        (25 * 3 + 1) * 32 + (25 * 32 + 1) * 64 + (25 * 64 + 1) * 96 + (16 * 96 + 1) * 512 + 513,
    ),
    ("exercise", 64, 128, 1_558_147 - 4_803 + (25 * 64 + 5) * 32 + (25 * 32 + 1) * 3, 3_354_145),
    ("exercise", 128, 128, 1_618_787, 12_791_329),
    ("blog", 32, 512, 5_846_275, 4_250_049),
    (
        *("blog", 64, 512),
        (512 + 1) * 8192
        + (25 * 128 + 5) * 256
        + (25 * 256 + 5) * 256
        + (25 * 256 + 5) * 128
        + (9 * 128 + 1) * 3,
        (25 * 3 + 1) * 32 + (25 * 32 + 1) * 64 + (25 * 64 + 1) * 96 + (64 * 96 + 1) * 1024 + 1025,
    ),
    ("dcgan", 32, 100, 1_069_827, 664_129),
    (
        *("dcgan", 64, 100),
        100 * 8192
        + 4 * 512
        + (16 * 512 + 4) * 256
        + (16 * 256 + 4) * 128
        + (16 * 128 + 4) * 64
        + 16 * 64 * 3
        + 3,
        (16 * 3 + 1) * 64
        + (16 * 64 + 4) * 128
        + (16 * 128 + 4) * 256
        + (16 * 256 + 4) * 512
        + 16 * 512
        + 1,
    ),
]
# The modern generator: a dense layer, stages of [3x3 up, 3x3, 1x1], 5x5 to RGB. The modern
# discriminator: 4x4 from RGB, stages of [3x3, 3x3 down, 1x1], one logit from 4x4.
TABLE += [
    (
        *("modern", 32, 128),
        (128 + 1) * 4096
        + sum((9 * a + 1 + 9 * b + 1 + a) * b for a, b in ((256, 192), (192, 96)))
        + (25 * 96 + 1) * 3,
        (16 * 3 + 1) * 96
        + sum((9 * a + 1) * a + (9 * a + 1 + a) * b for a, b in ((96, 192), (192, 256)))
        + 16 * 256
        + 1,
    ),
    (
        *("modern", 64, 128),
        (128 + 1) * 4096
        + sum((9 * a + 1 + 9 * b + 1 + a) * b for a, b in ((256, 192), (192, 96), (96, 48)))
        + (25 * 48 + 1) * 3,
        (16 * 3 + 1) * 48
        + sum((9 * a + 1) * a + (9 * a + 1 + a) * b for a, b in ((48, 96), (96, 192), (192, 256)))
        + 16 * 256
        + 1,
    ),
]
# The light generator, and the modern discriminator. A batch norm has four numbers per channel
# and replaces a bias.
TABLE += [
    (
        *("light", 32, 128),
        (128 * 16 + 4) * 256
        + sum((9 * a + 4) * b for a, b in ((256, 128), (128, 64)))
        + (25 * 64 + 1) * 3,
        TABLE[-2][-1],
    ),
    (
        *("light", 64, 128),
        (128 * 16 + 4) * 256
        + sum((9 * a + 4) * b for a, b in ((256, 128), (128, 64), (64, 32)))
        + (25 * 32 + 1) * 3,
        TABLE[-1][-1],
    ),
]
# The light generator. Its discriminator has 4x4 convolutions of stride 2 to 16x16, then stages of
# the modern one.
STAGES = sum((9 * a + 1) * a + (9 * a + 1 + a) * b for a, b in ((64, 128), (128, 256))) + 4097
TABLE += [
    ("slim", 32, 128, TABLE[-2][-2], (16 * 3 + 1) * 64 + STAGES),
    ("slim", 64, 128, TABLE[-1][-2], (16 * 3 + 1) * 24 + (16 * 24 + 1) * 64 + STAGES),
]
SMALL = [(name, 32, 8) for name in models.ARCHITECTURES]


def build(name, size, latent_dim, **settings):
    generator = models.build_generator(name, size, latent_dim, **settings)
    settings.pop("fused", None)
    return generator, models.build_discriminator(name, size, **settings)


def test_every_architecture_is_in_the_table_and_in_the_flags():
    names = next(
        field.metadata["choices"]
        for field in ModelConfig.__dataclass_fields__.values()
        if field.name == "architecture"
    )
    assert set(names) == set(models.ARCHITECTURES) == {row[0] for row in TABLE}


@pytest.mark.parametrize(("name", "size", "latent_dim", "in_generator", "in_discriminator"), TABLE)
def test_shapes_and_parameters(name, size, latent_dim, in_generator, in_discriminator):
    generator, discriminator = build(name, size, latent_dim)
    assert generator.input_shape == (None, latent_dim)
    assert generator.output_shape == discriminator.input_shape == (None, size, size, 3)
    assert discriminator.output_shape == (None, 1)
    assert generator.count_params() == in_generator
    assert discriminator.count_params() == in_discriminator


@pytest.mark.parametrize(("name", "size", "latent_dim"), SMALL)
@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_makes_float32_images_in_range_from_noise(name, size, latent_dim, precision, rng):
    generator, discriminator = build(name, size, latent_dim, width=0.25, precision=precision)
    latents = rng.normal(size=(3, latent_dim)).astype(np.float32)
    images = generator(latents, training=False)
    logits = discriminator(images, training=False)
    assert images.dtype == logits.dtype == tf.float32
    assert np.abs(images).max() <= 1.0
    assert np.isfinite(logits).all()
    assert np.std(images, axis=0).mean() > 1e-7  # different noise, different images
    assert keras.config.dtype_policy().name == "float32"  # as it was before


@pytest.mark.parametrize(("name", "size", "latent_dim"), SMALL)
def test_saves_exports_and_clones(name, size, latent_dim, tmp_path, rng):
    generator, _ = build(name, size, latent_dim, width=0.25)
    latents = rng.normal(size=(2, latent_dim)).astype(np.float32)
    images = generator(latents, training=False)
    generator.save(tmp_path / "g.keras")
    loaded = keras.models.load_model(tmp_path / "g.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(latents, training=False), images)
    clone = keras.models.clone_model(generator)
    clone.set_weights(generator.get_weights())
    np.testing.assert_array_equal(clone(latents, training=False), images)
    generator.export(tmp_path / "g", verbose=False)
    served = tf.saved_model.load(tmp_path / "g")
    np.testing.assert_allclose(served.serve(latents), images, atol=1e-5)


@pytest.mark.parametrize(("name", "size", "latent_dim"), SMALL)
def test_gradients_reach_every_weight(name, size, latent_dim, rng):
    generator, discriminator = build(name, size, latent_dim, width=0.25)
    latents = rng.normal(size=(4, latent_dim)).astype(np.float32)
    variables = generator.trainable_variables + discriminator.trainable_variables
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(discriminator(generator(latents, training=True), training=True))
    for variable, gradient in zip(variables, tape.gradient(loss, variables)):
        assert gradient is not None, variable.path
        assert np.isfinite(gradient).all(), variable.path


def test_width_scales_channels():
    wide, _ = build("exercise", 32, 8, width=2.0)
    assert wide.get_layer("block1_deconvolution").filters == 256
    assert wide.get_layer("block2_deconvolution").filters == 128


def test_exercise_generator_has_the_layers_of_the_exercise():
    generator = models.build_generator("exercise", 64, fused=False)
    kinds = [type(layer).__name__ for layer in generator.layers]
    block = ["MaxUnpooling2D", "Deconvolution2D", "ReLU", "ByteDropout", "FusedBatchNormalization"]
    first = kinds.index("MaxUnpooling2D")
    assert kinds[first:] == block * 3 + ["Deconvolution2D", "Cropping2D", "Activation"]
    assert generator.get_layer("seed").output.shape == (None, 4, 4, 256)


def test_fused_exercise_generator_merges_unpooling_and_deconvolution():
    generator = models.build_generator("exercise", 64)
    kinds = [type(layer).__name__ for layer in generator.layers]
    block = ["UnpoolingDeconvolution2D", "ReLU", "ByteDropout", "FusedBatchNormalization"]
    first = kinds.index("UnpoolingDeconvolution2D")
    assert kinds[first:] == block * 3 + ["Cropping2D", "BlockConvolution2D", "Activation"]


def test_exercise_discriminator_has_the_layers_of_the_exercise():
    kinds = [type(layer).__name__ for layer in models.build_discriminator("exercise", 64).layers]
    block = ["Conv2D", "MaxPooling2D", "ReLU", "ByteDropout"]
    assert kinds == ["InputLayer", *block * 3, "Flatten", "Dense", "ReLU", "ByteDropout", "Dense"]


@pytest.mark.parametrize("name", ["exercise", "blog"])
def test_fused_and_plain_share_weights_and_images(name, rng):
    fused = models.build_generator(name, 32, 8)
    plain = models.build_generator(name, 32, 8, fused=False)
    plain.set_weights(fused.get_weights())
    latents = rng.normal(size=(2, 8)).astype(np.float32)
    np.testing.assert_allclose(fused(latents), plain(latents), atol=1e-5)


def test_exercise_has_no_grey_frame():
    """The outermost pixels vary with the latents. Without the margin, they vary a tenth as much."""
    generator = models.build_generator("exercise", 32, 64)
    images = generator(np.random.default_rng(0).normal(size=(64, 64)), training=True).numpy()
    spread = images.std(0).mean(-1)
    ring = np.concatenate([spread[0], spread[-1], spread[:, 0], spread[:, -1]])
    assert ring.mean() > 0.3 * spread[8:24, 8:24].mean()


def test_blog_output_is_linear_in_training_and_clipped_outside(rng):
    generator = models.build_generator("blog", 32, 8)
    generator.get_layer("rgb").bias.assign([3.0, 3.0, 3.0])
    latents = rng.normal(size=(2, 8)).astype(np.float32)
    assert generator(latents, training=True).numpy().max() > 2.0
    assert generator(latents, training=False).numpy().max() == 1.0


@pytest.mark.parametrize(("name", "size"), [("exercise", 48), ("blog", 16), ("dcgan", 40)])
def test_unsupported_size_is_rejected(name, size):
    with pytest.raises(UserError, match=f"--image_size must be .*Received: {size}"):
        models.build_generator(name, size)
    with pytest.raises(UserError, match=f"--image_size must be .*Received: {size}"):
        models.build_discriminator(name, size)


def test_summary_lists_every_layer(capsys):
    for model in build("exercise", 32, 8):
        model.summary()
        printed = capsys.readouterr().out
        assert all(layer.name in printed for layer in model.layers)


def test_unknown_architecture_is_rejected():
    with pytest.raises(ValueError, match="exercise.*Received: name='vae'"):
        models.build_generator("vae")


@pytest.mark.parametrize("name", ["modern", "light", "slim"])
@pytest.mark.parametrize("size", [16, 32, 64, 128, 256])
def test_residual_networks_have_all_sizes_from_16_to_256(name, size, rng):
    generator, discriminator = build(name, size, 8, width=0.125)
    images = generator(rng.normal(size=(2, 8)).astype(np.float32), training=True)
    assert images.shape == (2, size, size, 3)
    assert discriminator(images).shape == (2, 1)
    # The last feature maps have 4x4 pixels, whatever the size of the image.
    assert discriminator.get_layer("flatten").input.shape[1:3] == (4, 4)


@pytest.mark.parametrize("name", ["modern", "light", "slim"])
def test_other_sizes_are_refused(name):
    for function in (models.build_generator, models.build_discriminator):
        with pytest.raises(UserError, match="must be 16, 32, 64, 128 or 256.*Received: 48"):
            function(name, 48)


@pytest.mark.parametrize("name", ["modern", "light"])
def test_plain_upsampling_makes_the_same_images_as_the_fused_layers(name, rng):
    fused, plain = (
        models.build_generator(name, 32, 8, width=0.25, fused=fused) for fused in (True, False)
    )
    plain.set_weights(fused.get_weights())
    latents = rng.normal(size=(2, 8)).astype(np.float32)
    np.testing.assert_allclose(plain(latents), fused(latents), atol=1e-5)


@pytest.mark.parametrize("name", models.ARCHITECTURES)
def test_discriminators_take_spectral_normalization_and_minibatch_std(name, rng):
    images = rng.uniform(-1, 1, (4, 32, 32, 3)).astype(np.float32)
    plain = models.build_discriminator(name, 32, width=0.25)
    model = models.build_discriminator(
        name, 32, width=0.25, spectral_normalization=True, minibatch_std=True
    )
    kinds = [type(layer).__name__ for layer in model.layers]
    linear = sum(type(layer).__name__ in ("Conv2D", "Dense") for layer in plain.layers)
    assert kinds.count("SpectralNormalization") == linear
    assert "Conv2D" not in kinds
    # The logits differ between a batch of different images and a batch of one repeated image.
    same = np.repeat(images[:1], 4, 0)
    assert not np.allclose(model(images, training=False)[0], model(same, training=False)[0])


def test_all_batch_norms_of_both_networks_are_synchronized():
    pair = models.build_generator("exercise", 32, 8), models.build_discriminator("dcgan", 32)
    models.synchronize_batch_norms(*pair)
    for network in pair:
        norms = [
            layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)
        ]
        assert norms
        assert all(norm.synchronized for norm in norms)


def test_dropout_scales_all_rates():
    def rates(factor):
        discriminator = models.build_discriminator("exercise", 32, dropout=factor)
        generator = models.build_generator("exercise", 32, dropout=factor)
        return [
            la.rate
            for net in (generator, discriminator)
            for la in net.layers
            if "dropout" in la.name
        ]

    assert rates(1.0) == [0.1, 0.1, 0.3, 0.3, 0.3, 0.5]
    assert rates(0.5) == [0.05, 0.05, 0.15, 0.15, 0.15, 0.25]


class TestExercisesCritics:
    # Only kernels, and the norms of the second and third block: scales and offsets, for batch
    # norm also the statistics.
    BARE = 75 * 32 + 800 * 64 + 1600 * 96
    HEAD = {32: 4 * 4 * 96 * 512 + 512, 64: 8 * 8 * 96 * 512 + 512}
    NORMS = {"batch_norm": 4 * (64 + 96), "layer_norm": 2 * (64 + 96), "no_norm": 0}

    @pytest.mark.parametrize("size", [32, 64])
    @pytest.mark.parametrize("critic", NORMS)
    def test_parameters(self, critic, size):
        model = models.build_discriminator("exercise", size, critic=critic)
        assert model.count_params() == self.BARE + self.HEAD[size] + self.NORMS[critic]
        assert model.output_shape == (None, 1)

    @pytest.mark.parametrize(
        ("critic", "norm"),
        [
            ("batch_norm", ["FusedBatchNormalization"]),
            ("layer_norm", ["GroupNormalization"]),
            ("no_norm", []),
        ],
    )
    def test_all_blocks_but_the_first_have_the_norm(self, critic, norm):
        model = models.build_discriminator("exercise", 32, critic=critic)
        kinds = [type(layer).__name__ for layer in model.layers]
        first = ["InputLayer", "Conv2D", "MaxPooling2D", "LeakyReLU"]
        block = ["Conv2D", "MaxPooling2D", *norm, "LeakyReLU"]
        assert kinds == [*first, *block * 2, "Flatten", "Dense", "LeakyReLU", "Dense"]
        assert not any(getattr(layer, "use_bias", False) for layer in model.layers)

    @pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
    @pytest.mark.parametrize("critic", NORMS)
    def test_gradients_reach_every_weight(self, critic, precision, rng):
        model = models.build_discriminator(
            "exercise", 32, width=0.25, critic=critic, precision=precision
        )
        with tf.GradientTape() as tape:
            scores = model(rng.normal(size=(4, 32, 32, 3)).astype(np.float32), training=True)
            loss = tf.reduce_mean(scores * [[1.0], [-2.0], [3.0], [1.0]])
        assert scores.dtype == tf.float32
        for gradient in tape.gradient(loss, model.trainable_variables):
            assert np.abs(gradient).max() > 0.0

    def test_other_architectures_have_no_other_critic(self):
        with pytest.raises(ValueError, match="as light. Received: critic='no_norm'"):
            models.build_discriminator("light", 32, critic="no_norm")
