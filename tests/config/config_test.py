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
from tfgan_faces.config.fields import is_older, validate
from tfgan_faces.errors import UserError
from tfgan_faces.version import VERSION


def test_resolving_fills_in_all_defaults():
    config = Config().resolved()
    assert config.run.run_dir == "runs/drawn-exercise-non_saturating"
    assert config.data.crop == 1.0
    assert config.training.balance == "margin"
    for section in (config.model, config.training, config.run):
        unset = {name for name, value in dataclasses.asdict(section).items() if value is None}
        # None means no time limit, no Beam, files by their size, random weights, and an
        # augmentation that depends on the number of photos.
        open_settings = {"minutes", "beam_runner", "beam_options", "shards", "init_from"}
        assert unset <= open_settings | {"augment"}


def test_wgan_is_an_alias_with_its_own_defaults():
    training = Config(training=TrainingConfig(loss="wgan")).resolved().training
    assert (training.loss, training.balance, training.optimizer) == (
        "wasserstein",
        "none",
        "rmsprop",
    )
    assert training.discriminator_learning_rate == training.generator_learning_rate == 2e-4
    assert (training.clip, training.clip_value) == ("value", 0.01)
    assert (training.critic_steps, training.critic_bursts, training.batch_size) == (1, False, 32)


@pytest.mark.parametrize(
    ("model", "training", "critic", "clip_value"),
    [
        ({}, {"loss": "wgan"}, "batch_norm", 0.01),
        ({}, {"loss": "wgan", "clip": "fan_in"}, "no_norm", 0.5),
        ({"critic": "layer_norm"}, {"loss": "wgan"}, "layer_norm", 0.01),
        ({}, {"loss": "hinge", "clip": "value"}, "batch_norm", 0.01),
        ({"architecture": "dcgan"}, {"loss": "wgan"}, "own", 0.01),
        ({"spectral_normalization": True}, {"loss": "wgan", "clip": "none"}, "own", 0.01),
        ({}, {"loss": "wgan-gp"}, "no_norm", 0.01),
        ({"architecture": "light"}, {"loss": "wgan-gp"}, "own", 0.01),
        ({"critic": "own"}, {"loss": "wgan-gp"}, "own", 0.01),
        ({}, {"loss": "gan"}, "own", 0.01),
    ],
)
def test_the_loss_and_clipping_select_the_default_critic_and_clip_value(
    model, training, critic, clip_value
):
    config = Config(model=ModelConfig(**model), training=TrainingConfig(**training)).resolved()
    assert (config.model.critic, config.training.clip_value) == (critic, clip_value)


def test_the_default_latent_dim_depends_on_the_architecture():
    for name, length in (("exercise", 128), ("blog", 512), ("dcgan", 100)):
        assert Config(model=ModelConfig(name)).resolved().model.latent_dim == length
    assert Config(model=ModelConfig("blog", latent_dim=9)).resolved().model.latent_dim == 9


def test_the_home_folder_is_expanded_in_paths(monkeypatch):
    monkeypatch.setenv("HOME", "/somewhere")
    config = Config(run=RunConfig(run_dir="~/run")).resolved()
    assert config.run.run_dir == "/somewhere/run"
    assert config.run.cache_dir == "/somewhere/.cache/tfgan_faces"


def test_the_default_crop_of_lfw_is_60_percent():
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
def test_the_error_for_an_invalid_setting_names_it(config, message):
    with pytest.raises(UserError, match=message):
        config.resolved()


def test_ranges_of_command_settings():
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
def test_the_error_for_invalid_json_names_the_field(change, message):
    content = Config().resolved().to_dict()
    change(content)
    with pytest.raises(UserError, match=message):
        Config.from_dict(content)


def test_differences_ignore_settings_of_the_run():
    one = Config().resolved()
    other = Config(training=TrainingConfig(seed=3), run=RunConfig(max_steps=7)).resolved()
    assert one.differences(other) == [("training.seed", 0, 3)]


# Section and name of each newer setting, with the first version that has it and the value that
# describes the behaviour of earlier versions.
HISTORY = {
    ("data", "cache"): ("0.5.0", "memory"),
    ("training", "init_from"): ("0.10.0", None),
    ("training", "freeze_d"): ("0.10.0", 0),
    ("training", "batch_parts"): ("0.10.0", 1),
    ("training", "rates"): ("0.10.0", "constant"),
    ("run", "mark"): ("0.10.0", True),
    ("data", "labels"): ("0.10.0", "none"),
    ("data", "held_out"): ("0.10.0", 0.1),
    ("data", "align"): ("0.10.0", "none"),
    ("data", "faces"): ("0.10.0", "largest"),
    ("data", "min_face"): ("0.10.0", 48),
    ("model", "spectral_normalization"): ("0.3.0", False),
    ("model", "minibatch_std"): ("0.3.0", False),
    ("model", "dropout"): ("0.7.0", 1.0),
    ("model", "critic"): ("0.8.0", "own"),
    ("training", "beta_1"): ("0.3.0", 0.5),
    ("training", "beta_2"): ("0.3.0", 0.999),
    ("training", "critic_bursts"): ("0.3.0", True),
    ("training", "clip"): ("0.8.0", "none"),
    ("training", "gradient_penalty"): ("0.3.0", 10.0),
    ("training", "r1"): ("0.3.0", 0.0),
    ("training", "r2"): ("0.3.0", 0.0),
    ("training", "penalty_every"): ("0.3.0", 1),
    ("training", "sync_batch_norm"): ("0.8.0", False),
    ("run", "minutes"): ("0.3.0", None),
    ("run", "evaluate_every"): ("0.3.0", 0),
    ("run", "export_weights"): ("0.4.0", "float32"),
    ("run", "warmup"): ("0.4.0", "auto"),
    ("run", "keep_versions"): ("0.4.0", 5),
    ("run", "on_collapse"): ("0.5.0", "ignore"),
    ("run", "strategy"): ("0.5.0", "default"),
    ("run", "beam_runner"): ("0.5.0", None),
    ("run", "beam_options"): ("0.5.0", None),
    ("run", "shards"): ("0.5.0", None),
}


def released(version):
    """Returns the default settings as a version wrote them, without newer settings."""
    content = {**Config().resolved().to_dict(), "version": version}
    for (section, name), (since, _) in HISTORY.items():
        if is_older(version, since):
            del content[section][name]
    return content


def test_every_newer_setting_has_its_first_version():
    fields = [
        ((section.name, field.name), field.metadata["since"])
        for section in dataclasses.fields(Config)
        for field in dataclasses.fields(section.type)
    ]
    later = {place: since for place, since in fields if since != "0.1.0"}
    assert later == {place: since for place, (since, _) in HISTORY.items()}
    assert not any(is_older(VERSION, since) for since in later.values())


@pytest.mark.parametrize("place", HISTORY, ids="-".join)
def test_newer_settings_of_older_runs_get_the_behaviour_of_their_version(place):
    """The current defaults may differ from that behaviour."""
    (section, name), (since, value) = place, HISTORY[place]
    before = f"0.{int(since.split('.')[1]) - 1}.0"
    assert getattr(getattr(Config.from_dict(released(before)), section), name) == value
    content = released(since)
    del content[section][name]
    with pytest.raises(UserError, match=f"{section}.{name} is missing"):
        Config.from_dict(content)


def test_a_clipped_run_of_an_earlier_version_clipped_kernels_and_biases():
    content = released("0.6.0")
    content["training"]["loss"] = "wasserstein"
    assert Config.from_dict(content).training.clip == "kernels"


def test_sync_batch_norm_is_read_from_the_run_section_of_older_versions():
    content = released("0.7.0")
    content["run"]["sync_batch_norm"] = True
    assert Config.from_dict(content).training.sync_batch_norm
    content["version"] = VERSION
    with pytest.raises(UserError, match="missing"):
        Config.from_dict(content)


def test_a_different_cache_is_a_difference_unless_it_is_auto():
    def differences(one, other):
        configs = (Config(DataConfig(cache=cache)) for cache in (one, other))
        return next(configs).differences(next(configs))

    assert differences("none", "memory") == [("data.cache", "none", "memory")]
    assert differences("auto", "memory") == differences("auto", "none") == []


def test_a_share_of_held_out_people_that_is_not_chosen_yet_is_that_of_the_run():
    run, given = Config(DataConfig(held_out=0.2)), Config()
    assert given.differences(run) == []
    assert given.settled_like(run).data.held_out == 0.2
    other = Config(DataConfig(held_out=0.1))
    assert other.settled_like(run).differences(run) == [("data.held_out", 0.1, 0.2)]


def test_spaces_in_a_list_of_augmentations_are_no_difference():
    one, other = (
        Config(training=TrainingConfig(augment=text)) for text in ("color, cutout", "color,cutout")
    )
    assert one.resolved() == other.resolved()
    assert Config.from_dict(one.to_dict()) == other  # as earlier versions stored it


def test_minutes_remove_the_default_limit_of_steps():
    assert Config().resolved().run.max_steps == 1400
    assert Config(run=RunConfig(minutes=5)).resolved().run.max_steps > 10**9
    assert Config(run=RunConfig(minutes=5, max_steps=7)).resolved().run.max_steps == 7


def test_replacing_settings_keeps_the_others():
    config = Config().replaced(training={"seed": 3}, run={"run_dir": "elsewhere"})
    changed = config.replaced(training={"batch_size": 8}, data={})
    assert (changed.training.seed, changed.training.batch_size) == (3, 8)
    assert changed.run.run_dir == "elsewhere"
    assert changed.data == Config().data
    assert config.training.batch_size is None  # the original stays as it was
