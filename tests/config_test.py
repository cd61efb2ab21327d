import dataclasses
import json

import pytest

from tfgan_faces.config import (
    CommandConfig,
    Config,
    DataConfig,
    ModelConfig,
    RunConfig,
    TrainingConfig,
)
from tfgan_faces.errors import UserError
from tfgan_faces.settings import validate


def test_resolving_leaves_nothing_to_be_decided():
    config = Config().resolved()
    assert config.run.run_dir == "runs/drawn-exercise-non_saturating"
    assert config.data.crop == 1.0
    assert config.training.balance == "margin"
    for section in (config.model, config.training, config.run):
        undecided = {name for name, value in dataclasses.asdict(section).items() if value is None}
        # No limit; no Beam; as many files as their size asks for.
        assert undecided <= {"minutes", "beam_runner", "beam_options", "shards"}


def test_wgan_is_an_alias_that_brings_its_clipping_and_its_critic():
    training = Config(training=TrainingConfig(loss="wgan")).resolved().training
    assert (training.loss, training.balance, training.optimizer) == (
        "wasserstein",
        "none",
        "rmsprop",
    )
    assert training.discriminator_learning_rate == training.generator_learning_rate == 2e-4
    assert (training.clip, training.clip_value) == ("value", 0.03)
    assert (training.critic_steps, training.critic_bursts, training.batch_size) == (1, False, 32)


@pytest.mark.parametrize(
    ("model", "training", "critic", "clip_value"),
    [
        ({}, {"loss": "wgan"}, "batch_norm", 0.03),
        ({}, {"loss": "wgan", "clip": "fan_in"}, "no_norm", 0.5),
        ({"critic": "layer_norm"}, {"loss": "wgan"}, "layer_norm", 0.03),
        ({}, {"loss": "hinge", "clip": "value"}, "batch_norm", 0.03),
        ({"architecture": "dcgan"}, {"loss": "wgan"}, "own", 0.03),
        ({"spectral_normalization": True}, {"loss": "wgan", "clip": "none"}, "own", 0.01),
        ({}, {"loss": "wgan-gp"}, "own", 0.01),
        ({}, {"loss": "gan"}, "own", 0.01),
    ],
)
def test_clipping_brings_the_critic_that_it_goes_with(model, training, critic, clip_value):
    config = Config(model=ModelConfig(**model), training=TrainingConfig(**training)).resolved()
    assert (config.model.critic, config.training.clip_value) == (critic, clip_value)


def test_latents_are_as_long_as_the_architectures_own():
    for name, length in (("exercise", 128), ("blog", 512), ("dcgan", 100)):
        assert Config(model=ModelConfig(name)).resolved().model.latent_dim == length
    assert Config(model=ModelConfig("blog", latent_dim=9)).resolved().model.latent_dim == 9


def test_home_is_expanded_in_paths(monkeypatch):
    monkeypatch.setenv("HOME", "/somewhere")
    config = Config(run=RunConfig(run_dir="~/run")).resolved()
    assert config.run.run_dir == "/somewhere/run"
    assert config.run.cache_dir == "/somewhere/.cache/tfgan_faces"


def test_lfw_keeps_60_percent():
    assert Config(DataConfig("lfw")).resolved().data.crop == 0.6
    assert Config(DataConfig("lfw", crop=0.5)).resolved().data.crop == 0.5


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (Config(DataConfig("folder")), "--data_dir"),
        (Config(DataConfig("synthetic", data_dir="x")), "--dataset=folder"),
        (Config(DataConfig(crop=0.0)), "--crop must be greater than 0"),
        (Config(DataConfig(image_size=2)), "--image_size must be at least 4"),
        (Config(training=TrainingConfig(loss="wgan", balance="margin")), "--balance must be none"),
        (Config(training=TrainingConfig(margin=0.6)), "--margin must be at most 0.5"),
        (Config(training=TrainingConfig(augment="zoom")), "--augment"),
        (Config(training=TrainingConfig(generator_learning_rate=float("nan"))), "finite"),
        (Config(training=TrainingConfig(batch_size=0)), "--batch_size must be at least 1"),
        (Config(training=TrainingConfig(batch_size="a")), "--batch_size must be of type int"),
        (Config(run=RunConfig(export=1)), "--export must be of type bool"),
        (Config(run=RunConfig(run_dir="")), "--run_dir must not be empty"),
        (Config(run=RunConfig(run_dir="s3://a/b")), "--run_dir must be a path.*: s3://a/b"),
        (Config(run=RunConfig(export_dir="gs://a/b")), "--export_dir must be a folder.*: gs://a/b"),
        (Config(training=TrainingConfig(seed=2**31)), "--seed must be at most 2147483647"),
        (Config(training=TrainingConfig(loss="least_squares", balance="l2")), "--balance must be"),
        (Config(training=TrainingConfig(loss="hinge", label_smoothing=0.1)), "--label_smoothing"),
    ],
)
def test_wrong_setting_is_named(config, message):
    with pytest.raises(UserError, match=message):
        config.resolved()


def test_command_ranges():
    validate(CommandConfig())
    with pytest.raises(UserError, match="--truncation must be at most 1.0. Received: 1.5"):
        validate(CommandConfig(truncation=1.5))


def test_json_round_trip():
    config = Config(DataConfig("lfw", data_dir="a.tgz")).resolved()
    assert Config.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["training"].update(flux=1), "training.flux is not a known setting.*version"),
        (lambda c: c["training"].pop("seed"), "training.seed is missing"),
        (lambda c: c["model"].update(width="wide"), "--width must be of type float"),
        (lambda c: c.pop("model"), "model is missing"),
        (lambda c: c.update(model=3), "model must be an object"),
    ],
)
def test_wrong_json_is_told_with_its_place(change, message):
    content = Config().resolved().to_dict()
    change(content)
    with pytest.raises(UserError, match=message):
        Config.from_dict(content)


def test_differences_name_shaping_settings_only():
    one = Config().resolved()
    other = Config(training=TrainingConfig(seed=3), run=RunConfig(max_steps=7)).resolved()
    assert one.differences(other) == [("training.seed", 0, 3)]


def test_a_run_of_an_earlier_version_kept_its_photos_in_memory():
    content = Config().resolved().to_dict()
    del content["data"]["cache"]
    assert Config.from_dict(content).data.cache == "memory"


@pytest.mark.parametrize(("loss", "clip"), [("wgan", "kernels"), ("gan", "none")])
def test_a_run_of_an_earlier_version_clipped_kernels_and_biases_of_its_own_critic(loss, clip):
    content = Config(training=TrainingConfig(loss=loss)).resolved().to_dict()
    del content["training"]["clip"], content["model"]["critic"]
    config = Config.from_dict(content)
    assert (config.training.clip, config.model.critic) == (clip, "own")


def test_the_reader_cannot_change_and_is_not_yet_decided_while_auto():
    def differences(one, other):
        configs = (Config(DataConfig(cache=cache)) for cache in (one, other))
        return next(configs).differences(next(configs))

    assert differences("none", "memory") == [("data.cache", "none", "memory")]
    assert differences("auto", "memory") == differences("auto", "none") == []


def test_minutes_lift_the_limit_of_steps():
    assert Config().resolved().run.max_steps == 1400
    assert Config(run=RunConfig(minutes=5)).resolved().run.max_steps > 10**9
    assert Config(run=RunConfig(minutes=5, max_steps=7)).resolved().run.max_steps == 7
