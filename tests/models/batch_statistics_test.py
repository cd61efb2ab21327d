import keras
import numpy as np

from tfgan_faces.latents import random_latents
from tfgan_faces.models import build_generator
from tfgan_faces.models.batch_statistics import COUNT, BatchStatistics


def test_statistics_equal_the_activations_without_dropout():
    generator = build_generator("exercise", 32, 8, width=0.25)
    BatchStatistics(generator).update()
    latents = random_latents(COUNT, 8, (2048, 0))
    for name in ("block1_norm", "block2_norm"):
        layer = generator.get_layer(name)
        before = keras.Model(generator.inputs, layer.input).predict(latents, verbose=0)
        np.testing.assert_allclose(layer.moving_mean, before.mean((0, 1, 2)), atol=2e-3)
        np.testing.assert_allclose(layer.moving_variance, before.var((0, 1, 2)), rtol=2e-2)


def test_result_depends_only_on_the_weights():
    generator = build_generator("dcgan", 16, 8, width=0.25)
    statistics = BatchStatistics(generator)
    statistics.update()
    first = generator.get_weights()
    generator.get_layer("seed_norm").moving_mean.assign(np.full(32, 9.0))
    statistics.update()
    for one, other in zip(first, generator.get_weights()):
        np.testing.assert_array_equal(one, other)
