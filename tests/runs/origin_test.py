import dataclasses

import pytest
import tensorflow as tf

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
    assert origin.read_networks(source, new) == 7
    values = [float(variables[0]) for variables in new.values()]
    assert values == [3.0, 4.0, 5.0, 0.0]
    config = Config(model=dataclasses.replace(SMALL, dropout=0.5)).resolved()
    origin.check_networks(source, config)


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


def test_labels_must_be_the_same(tmp_path):
    directory = RunDirectory(str(tmp_path / "labelled"))
    directory.begin(Config(model=SMALL).resolved(), "photos", {"no": 0.75, "yes": 0.25})
    origin.check_labels(directory, {"no": 0.1, "yes": 0.9})
    for others in (None, {"yes": 0.5, "no": 0.5}):
        with pytest.raises(UserError, match="same labels. Received: no, yes there"):
            origin.check_labels(directory, others)


class TestLargerImages:
    def config(self, size, architecture="slim", **training):
        model = ModelConfig(architecture, width=0.25, latent_dim=8)
        return Config(DataConfig(image_size=size), model, TrainingConfig(**training)).resolved()

    @pytest.fixture
    def small(self, tmp_path):
        directory = RunDirectory(str(tmp_path / "small"))
        directory.begin(self.config(32), "photos")
        return directory

    def test_the_new_stages_of_both_networks_stay_as_they_are(self, small):
        shapes = {"generator": (2, 3), "discriminator": (4, 2), "averaged_generator": (2, 3)}
        old = {
            name: [tf.Variable(tf.ones(shape)) for shape in pair] for name, pair in shapes.items()
        }
        small.save(7, old)
        wider = {"generator": (2, 5), "discriminator": (8, 2), "averaged_generator": (2, 5)}
        new = {
            name: [tf.Variable(tf.zeros(shape)) for shape in pair] for name, pair in wider.items()
        }
        origin.check_networks(small, self.config(64))
        assert origin.read_networks(small, new) == 7
        sums = {name: [float(tf.reduce_sum(v)) for v in pair] for name, pair in new.items()}
        assert sums == {
            "generator": [2.0, 0.0],
            "discriminator": [0.0, 2.0],
            "averaged_generator": [2.0, 0.0],
        }

    def test_smaller_images_are_refused(self, small):
        with pytest.raises(UserError, match="--image_size is 16, the run's is 32"):
            origin.check_networks(small, self.config(16))

    def test_architectures_whose_layers_depend_on_the_size_are_refused(self, source):
        larger = Config(DataConfig(image_size=64), SMALL).resolved()
        with pytest.raises(UserError, match="--image_size is 64, the run's is 32"):
            origin.check_networks(source, larger)

    def test_the_first_layers_of_the_discriminator_cannot_be_frozen(self, small):
        larger = self.config(64, init_from=small.path, freeze_d=100)
        with pytest.raises(UserError, match="Received: --freeze_d=100 --image_size=64"):
            origin.check_networks(small, larger)
