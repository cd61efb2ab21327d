import dataclasses
import os

import pytest

from tfgan_faces.cli import parse
from tfgan_faces.config import Config, DataConfig, ModelConfig, RunConfig, TrainingConfig
from tfgan_faces.config.defaults import NO_LIMIT
from tfgan_faces.errors import UserError
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.runs.run_settings import going_on, read_settings, starting_from


@pytest.fixture
def run(tmp_path):
    """Returns the folder of a run with settings that differ from the defaults."""
    config = Config(
        DataConfig(cache="memory"),
        model=ModelConfig(width=0.5, latent_dim=9),
        training=TrainingConfig(loss="wgan", clip_value=0.125, critic_bursts=True, seed=3),
        run=RunConfig(run_dir=str(tmp_path / "run"), max_steps=2000),
    ).resolved()
    RunDirectory(config.run.run_dir).begin(config, "abc")
    return config.run.run_dir


def parsed(run, *flags):
    return parse(["main.py", f"--run_dir={run}", *flags])[1]


def test_settings_are_read_with_the_digest_of_the_photos(run, tmp_path):
    config, photos, _ = read_settings(run)
    assert photos == "abc"
    assert config.model.width == 0.5
    assert read_settings(str(tmp_path / "nowhere")) is None


@pytest.mark.parametrize("flag", ["--run_dir", "--init_from"])
def test_a_folder_that_cannot_exist_is_one_clear_error(flag):
    with pytest.raises(UserError, match=r"config.json cannot be read \(File name too long\)"):
        parse(["main.py", f"{flag}={'x' * 256}", "--dataset=drawn"])


def test_the_folder_is_enough_to_resume_a_run(run):
    config = read_settings(run).config
    for section in ("data", "model", "training"):
        assert getattr(parsed(run), section) == getattr(config, section)


@pytest.mark.parametrize("flags", [("--loss=wgan",), ("--loss=wgan", "--width=0.5", "--seed=3")])
def test_the_first_command_resumes_a_run_after_defaults_have_changed(run, flags):
    RunDirectory(run).check(parsed(run, *flags))


def test_given_settings_that_differ_from_the_runs_are_refused(run):
    with pytest.raises(
        UserError, match=r"other settings \(model.width is 0.75, the run's is 0.5\)"
    ):
        RunDirectory(run).check(parsed(run, "--loss=wgan", "--width=0.75"))
    with pytest.raises(
        UserError, match="training.loss is non_saturating, the run's is wasserstein"
    ):
        RunDirectory(run).check(parsed(run, "--recipe=exercise-gan"))


def test_a_run_keeps_its_limits_unless_a_limit_is_given(run):
    assert (parsed(run).run.max_steps, parsed(run).run.minutes) == (2000, None)
    further = parsed(run, "--minutes=5").run
    assert (further.max_steps, further.minutes) == (NO_LIMIT, 5.0)
    assert parsed(run, "--max_steps=77").run.max_steps == 77
    # A recipe's limit is not a given one.
    again = parsed(run, "--recipe=exercise-wgan", "--image_size=32", "--width=0.5").run
    assert (again.max_steps, again.minutes) == (2000, None)


def test_output_folders_are_not_taken_from_the_run(run):
    assert parsed(run).run.export_dir == "export/models/faces"


def test_settings_taken_from_the_run_are_returned(run, tmp_path):
    now = Config(run=RunConfig(run_dir=run)).resolved()
    config, changed = going_on(now, {"seed"})
    assert config.training.seed == 0
    assert changed["width"] == 0.5
    assert changed["clip_value"] == 0.125
    assert "seed" not in changed
    assert "cache" not in changed  # it was "auto"
    elsewhere = dataclasses.replace(now, run=RunConfig(run_dir=str(tmp_path / "new")))
    assert going_on(elsewhere, set()) == (elsewhere.resolved(), {})


def test_a_training_starts_from_the_settings_of_another_run(run, tmp_path):
    source = read_settings(run).config
    config = parse(
        ["main.py", f"--init_from={run}", "--dataset=folder", "--data_dir=p", "--batch_size=8"]
    )[1]
    assert config.model == source.model
    assert (config.training.loss, config.training.clip_value) == ("wasserstein", 0.125)
    rates = source.training.generator_learning_rate, config.training.generator_learning_rate
    assert rates[1] == rates[0] / 4
    # What is given, the photos, the seed and the limits are the training's own.
    assert (config.training.batch_size, config.data.dataset) == (8, "folder")
    assert config.training.seed == 0
    assert config.run.max_steps == Config().resolved().run.max_steps
    assert config.training.init_from == run
    assert config.run.run_dir.endswith("folder-exercise-wasserstein")


def test_learning_rates_are_lowered_only_once(run, tmp_path):
    flags = ["--dataset=drawn", f"--run_dir={tmp_path / 'second'}"]
    second = parse(["main.py", f"--init_from={run}", *flags])[1]
    RunDirectory(second.run.run_dir).begin(second, "photos")
    flags = ["--dataset=drawn", f"--run_dir={tmp_path / 'third'}"]
    third = parse(["main.py", f"--init_from={second.run.run_dir}", *flags])[1]
    rates = third.training.generator_learning_rate, second.training.generator_learning_rate
    assert rates[0] == rates[1]


def test_a_training_that_has_begun_goes_on_with_its_own_settings(run, tmp_path):
    flags = [f"--init_from={run}", f"--run_dir={tmp_path / 'new'}"]
    flags = ["main.py", *flags, "--dataset=drawn"]
    begun = parse([*flags, "--batch_size=8"])[1]
    RunDirectory(begun.run.run_dir).begin(begun, "photos")
    assert parse(flags)[1].training == begun.training
    os.rename(run, tmp_path / "moved")  # the run needs it no more
    assert parse(flags)[1].training == begun.training


def begun(folder, **training):
    """Starts a run with these settings of its training; returns its folder."""
    config = Config(training=TrainingConfig(**training), run=RunConfig(run_dir=str(folder)))
    RunDirectory(str(folder)).begin(config.resolved(), "photos")
    return str(folder)


@pytest.mark.parametrize(
    ("origin", "source"),
    [(None, "lfw-64"), (None, "run"), ("lfw-64", "run"), ("run", "lfw-64"), ("run", "other")],
)
def test_a_run_that_began_elsewhere_is_not_taken_for_one_that_starts_from_there(
    run, tmp_path, origin, source
):
    sources = {None: None, "run": run, "lfw-64": "lfw-64", "other": begun(tmp_path / "other")}
    resumed = begun(tmp_path / "resumed", init_from=sources[origin])
    began = f"begun already, from {sources[origin] or 'random weights'}; leave out --init_from"
    with pytest.raises(UserError, match=f"--init_from: the run in {resumed} has {began}"):
        parse(["main.py", f"--init_from={sources[source]}", f"--run_dir={resumed}"])


def test_a_run_cannot_start_from_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = begun("runs/drawn-exercise-non_saturating", init_from="lfw-64")
    with pytest.raises(UserError, match="has begun already, from lfw-64; .* another --run_dir"):
        parse(["main.py", f"--init_from={path}", "--dataset=drawn"])


def test_a_run_may_be_resumed_from_where_its_source_is_now(run, tmp_path):
    resumed = begun(tmp_path / "resumed", init_from=run)
    os.rename(run, tmp_path / "moved")
    flags = [f"--init_from={tmp_path / 'moved'}", f"--run_dir={resumed}"]
    config = parse(["main.py", *flags])[1]
    RunDirectory(resumed).check(config)
    assert config.training.init_from == str(tmp_path / "moved")  # needed before a checkpoint


@pytest.mark.parametrize(
    "flags",
    [
        ("--data_dir=moved",),
        ("--dataset=folder",),
        ("--labels=folder",),
        ("--loss=wgan",),
        ("--clip=fan_in",),
        ("--critic_bursts=false",),
        ("--balance=none", "--label_smoothing=0"),
    ],
)
def test_a_resumed_run_may_be_given_any_of_its_settings(tmp_path, flags):
    """Each of these would not fit the default values of the settings that are not given."""
    config = Config(
        DataConfig("folder", data_dir=str(tmp_path / "photos"), labels="folder"),
        training=TrainingConfig(loss="wgan", clip="fan_in"),
        run=RunConfig(run_dir=str(tmp_path / "run")),
    ).resolved()
    RunDirectory(config.run.run_dir).begin(config, "abc", {"a": 0.5, "b": 0.5})
    again = parsed(config.run.run_dir, *flags)
    moved = "--data_dir=moved" in flags
    data_dir = os.path.abspath("moved") if moved else config.data.data_dir
    assert again.data == dataclasses.replace(config.data, data_dir=data_dir)
    assert (again.model, again.training) == (config.model, config.training)


def test_photos_must_be_named_to_start_from_another_run(run):
    with pytest.raises(UserError, match="--init_from needs --dataset"):
        parse(["main.py", f"--init_from={run}"])


@pytest.mark.parametrize("mode", ["prepare", "plan", "profile"])
def test_other_modes_use_the_settings_of_the_training_that_would_start(mode):
    flags = ["main.py", "--init_from=lfw-64", "--dataset=drawn"]
    assert parse([*flags, f"--mode={mode}"])[1] == parse(flags)[1]
    with pytest.raises(UserError, match="--init_from needs --dataset"):
        parse([*flags[:2], f"--mode={mode}"])


def test_a_folder_without_a_run_to_start_from_is_refused(tmp_path):
    with pytest.raises(UserError, match="--init_from: there is no run in .*nowhere"):
        parse(["main.py", f"--init_from={tmp_path / 'nowhere'}", "--dataset=drawn"])


def test_a_config_of_the_library_gets_the_settings_of_its_origin():
    training = TrainingConfig(init_from="lfw-64", batch_size=8)
    config, _ = starting_from(Config(DataConfig("folder", data_dir="album"), training=training))
    assert (config.model.architecture, config.data.image_size) == ("slim", 64)
    assert config.training.generator_learning_rate == 1.25e-4  # a quarter of the recipe's
    assert config.training.batch_size == 8  # was changed, so it stays
    assert config.data.data_dir.endswith("album")
