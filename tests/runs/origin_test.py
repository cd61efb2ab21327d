import dataclasses
import os
import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces import models
from tfgan_faces.config import Config, DataConfig, ModelConfig, TrainingConfig
from tfgan_faces.errors import UserError
from tfgan_faces.runs import origin
from tfgan_faces.runs.run_directory import RunDirectory

SMALL = ModelConfig(width=0.25, latent_dim=8)


@pytest.fixture
def source(tmp_path):
    """A run whose networks have one number each: 3, 4 and 5."""
    directory = RunDirectory(str(tmp_path / "source"))
    directory.begin(Config(model=SMALL).resolved(), "photos")
    directory.save(7, {**networks(3), "counters": [tf.Variable(7)]})
    return directory


def networks(first):
    """Returns a state whose networks have the values `first` and the two after it."""
    names = ("generator", "discriminator", "averaged_generator")
    return {name: [tf.Variable(float(first + number))] for number, name in enumerate(names)}


def test_networks_are_read_without_the_state_of_the_training(source):
    new = {**networks(0), "counters": [tf.Variable(0)]}
    config = Config(model=dataclasses.replace(SMALL, dropout=0.5)).resolved()
    origin.check_networks(source, config)
    assert origin.read_networks(source, new, config) == 7
    values = [float(variables[0]) for variables in new.values()]
    assert values == [3.0, 4.0, 5.0, 0.0]


def test_networks_of_other_settings_are_refused_by_name(source):
    other = Config(DataConfig(image_size=64), ModelConfig(width=0.5, latent_dim=8)).resolved()
    with pytest.raises(
        UserError, match="--image_size is 64, the run's is 32; --width is 0.5, the run's is 0.25"
    ):
        origin.check_networks(source, other)


def test_a_run_without_a_checkpoint_is_refused(tmp_path):
    directory = RunDirectory(str(tmp_path / "begun"))
    config = Config(model=SMALL).resolved()
    directory.begin(config, "photos")
    with pytest.raises(UserError, match="--init_from: .* has no checkpoint yet"):
        origin.check_networks(directory, config)


def test_a_run_whose_checkpoint_is_damaged_is_refused(source):
    checkpoint = os.path.join(source.path, "checkpoints", "step_000007")
    with open(os.path.join(checkpoint, "state.index"), "wb") as file:
        file.write(b"damaged")
    with pytest.raises(UserError, match="--init_from: the run in .* has no intact checkpoint"):
        origin.read_networks(source, networks(0), source.config())


def test_labels_must_be_the_same(tmp_path):
    directory = RunDirectory(str(tmp_path / "labelled"))
    directory.begin(Config(model=SMALL).resolved(), "photos", {"no": 0.75, "yes": 0.25})
    origin.check_labels(directory, {"no": 0.1, "yes": 0.9})
    for others in (None, {"yes": 0.5, "no": 0.5}):
        with pytest.raises(UserError, match="same labels. Received: no, yes there"):
            origin.check_labels(directory, others)


class TestLargerImages:
    LABELS = {"no": 0.75, "yes": 0.25}

    def config(self, size, architecture="slim", model=None, **training):
        model = ModelConfig(architecture, width=0.25, latent_dim=8, **(model or {}))
        return Config(DataConfig(image_size=size), model, TrainingConfig(**training)).resolved()

    def networks(self, size, labels=None, minibatch_std=True):
        """Returns a generator, a discriminator and another generator."""
        sizes = {"image_size": size, "width": 0.25, "labels": labels}
        generators = (models.build_generator("slim", latent_dim=8, **sizes) for _ in range(2))
        discriminator = models.build_discriminator("slim", minibatch_std=minibatch_std, **sizes)
        return next(generators), discriminator, next(generators)

    def state(self, networks):
        names = ("generator", "discriminator", "averaged_generator")
        return {
            name: [variable.value for variable in network.variables]
            for name, network in zip(names, networks)
        }

    @pytest.mark.parametrize("labels", [None, LABELS])
    def test_each_network_begins_as_its_smaller_one(self, tmp_path, labels):
        config = self.config(32, model={"minibatch_std": True})
        small = RunDirectory(str(tmp_path / "small"))
        small.begin(config, "photos", labels)
        old, new = self.networks(32, labels), self.networks(128, labels)
        for generator, _, average in (old, new):
            average.set_weights(generator.get_weights())
        small.save(7, self.state(old))
        larger = self.config(128, model={"minibatch_std": True})
        origin.check_networks(small, larger)
        assert origin.read_networks(small, self.state(new), larger) == 7

        images = np.random.default_rng(0).uniform(-1, 1, (4, 128, 128, 3)).astype(np.float32)
        shrunk = images.reshape(4, 32, 4, 32, 4, 3).mean((2, 4))
        given = [np.eye(2, dtype=np.float32)[[0, 1, 1, 0]]] if labels else []
        logits = old[1]([shrunk, *given] if labels else shrunk)
        np.testing.assert_allclose(
            new[1]([images, *given] if labels else images), logits, rtol=1e-4
        )
        np.testing.assert_array_equal(
            old[0].get_layer("dense").kernel, new[0].get_layer("dense").kernel
        )
        # The average begins as the generator, including what both got at random.
        for average, own in zip(new[2].variables, new[0].variables, strict=True):
            np.testing.assert_array_equal(average, own)

    def test_what_is_random_depends_on_the_seed_only(self, tmp_path):
        """All workers must begin with the same networks."""
        small = RunDirectory(str(tmp_path / "small"))
        small.begin(self.config(32), "photos")
        small.save(7, self.state(self.networks(32, minibatch_std=False)))
        keras.utils.set_random_seed(1)
        first = self.networks(128, minibatch_std=False)
        weights = [network.get_weights() for network in first]
        origin.read_networks(small, self.state(first), self.config(128))
        second = self.networks(128, minibatch_std=False)
        for network, values in zip(second, weights):
            network.set_weights(values)
        random.random()  # as something else in one of the workers might do
        origin.read_networks(small, self.state(second), self.config(128))
        for one, other in zip(first, second):
            for variable, same in zip(one.variables, other.variables, strict=True):
                np.testing.assert_array_equal(variable, same)

    def test_networks_with_other_weights_are_one_clear_error(self, source):
        new = networks(0)
        new["generator"].append(tf.Variable(1.0))
        with pytest.raises(UserError, match="--init_from: the weights of .* do not fit"):
            origin.read_networks(source, new, source.config())

    def test_smaller_images_are_refused(self, tmp_path):
        large = RunDirectory(str(tmp_path / "large"))
        large.begin(self.config(64), "photos")
        with pytest.raises(UserError, match="--image_size is 32, the run's is 64"):
            origin.check_networks(large, self.config(32))

    @pytest.mark.parametrize(
        "settings",
        [
            {"architecture": "exercise"},
            {"architecture": "light"},
            {"model": {"spectral_normalization": True}},
            {"loss": "wgan"},
        ],
    )
    def test_networks_that_cannot_be_enlarged_are_refused(self, tmp_path, settings):
        small = RunDirectory(str(tmp_path / "small"))
        small.begin(self.config(32, **settings), "photos")
        with pytest.raises(UserError, match="the run's is 32.* Only networks of .*=slim can begin"):
            origin.check_networks(small, self.config(64, **settings))

    def test_the_first_layers_of_the_discriminator_cannot_be_frozen(self, tmp_path):
        small = RunDirectory(str(tmp_path / "small"))
        small.begin(self.config(32), "photos")
        larger = self.config(64, init_from=small.path, freeze_d=100)
        with pytest.raises(UserError, match="Received: --freeze_d=100 --image_size=64"):
            origin.check_networks(small, larger)
