import dataclasses
import logging
import re
from pathlib import Path

import pytest

from tfgan_faces.cli import help_text, main, parse
from tfgan_faces.config import CommandConfig, Config, TrainingConfig
from tfgan_faces.config.idle_flags import idle_flags
from tfgan_faces.config.recipes import RECIPES, recipe_path


def idle(*flags, mode="train"):
    given = {re.match(r"--(?:no)?(\w+)", flag)[1] for flag in flags}
    return idle_flags(given, *parse(["main.py", f"--mode={mode}", *flags]))


@pytest.mark.parametrize(
    "flags",
    [
        ("--margin=0.2", "--balance=none"),
        ("--clip_value=0.1", "--loss=gan"),
        ("--critic_steps=3", "--loss=gan"),
        ("--gradient_penalty=3", "--loss=wgan"),
        ("--penalty_every=4", "--loss=gan"),
        ("--beta_1=0.5", "--loss=gan"),
        ("--dropout=0.5", "--architecture=light"),
        ("--keep_versions=3", "--noexport"),
        ("--export_dir=a", "--noexport"),
        ("--steps_per_call=3", "--rates=falling"),
        ("--count=3", "--loss=gan"),
        ("--port=80", "--loss=gan"),
    ],
)
def test_a_flag_without_the_setting_it_depends_on_has_no_effect(flags):
    assert idle(*flags) == [re.match(r"--(\w+)", flags[0])[1]]


@pytest.mark.parametrize(
    "flags",
    [
        ("--margin=0.2", "--loss=gan"),
        ("--clip_value=0.1", "--loss=wgan"),
        ("--clip_value=0.1", "--loss=hinge", "--clip=fan_in"),
        ("--critic_steps=3", "--loss=wgan-gp"),
        ("--penalty_every=4", "--r1=1"),
        ("--beta_1=0.5", "--optimizer=adam"),
    ],
)
def test_a_flag_with_the_setting_it_depends_on_has_an_effect(flags):
    assert idle(*flags) == []


def test_settings_of_the_run_have_no_effect_in_modes_that_use_an_existing_run():
    assert idle("--width=2", "--loss=wgan", "--seed=3", "--count=9", mode="sample") == [
        "loss",
        "width",
    ]


@pytest.mark.parametrize(
    ("mode", "flags", "without_effect"),
    [
        (
            "serve",
            ["--run_dir=a", "--export_dir=b", "--width=2", "--port=80"],
            ["run_dir", "width"],
        ),
        ("serve", ["--pretrained=lfw-64", "--run_dir=a", "--export_weights=float16"], []),
        ("request", ["--seed=3", "--nomark", "--run_dir=a"], ["run_dir"]),
        ("request", ["--seeds=3,4", "--count=5", "--seed=6"], ["count", "seed"]),
        ("sample", ["--latents=a.npy", "--count=5"], ["count"]),
        ("sample", ["--minutes=5", "--export_dir=a", "--nomark"], ["export_dir", "minutes"]),
        ("evaluate", ["--data_dir=a", "--cache_dir=b", "--max_steps=5"], ["max_steps"]),
        ("export", ["--export_dir=a", "--noexport"], ["export"]),
        (
            "prepare",
            ["--crop=0.5", "--shards=3", "--loss=wgan", "--run_dir=a"],
            ["loss", "run_dir"],
        ),
        ("profile", ["--loss=wgan", "--strategy=mirrored", "--run_dir=a"], ["strategy"]),
        ("plan", ["--minutes=5", "--network=10", "--export_dir=a"], ["export_dir", "network"]),
        ("plan", ["--minutes=5", "--network=10", "--devices=2"], []),
    ],
)
def test_flags_that_a_mode_does_not_read_have_no_effect(mode, flags, without_effect):
    assert idle(*flags, mode=mode) == without_effect


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_flag_of_a_recipe_has_an_effect(recipe):
    lines = Path(recipe_path(recipe)).read_text().splitlines()
    assert idle(*(line for line in lines if line.startswith("--"))) == []


def test_a_flag_that_overrides_a_recipe_does_not_blame_the_recipe(caplog, monkeypatch):
    """Without R1, the recipe's interval of R1 has no effect. Nobody has typed it."""
    monkeypatch.setattr(logging.getLogger("tfgan_faces"), "propagate", True)
    parse(["main.py", "--recipe=light", "--r1=0"])
    assert "no effect" not in caplog.text
    parse(["main.py", "--recipe=light", "--r1=0", "--penalty_every=4"])
    assert "no effect with the other settings: --penalty_every" in caplog.text


def test_every_command_flag_has_no_effect_in_some_mode_unless_it_is_common():
    names = {field.name for field in dataclasses.fields(CommandConfig)}
    common = {"mode", "recipe", "output", "debug"}
    config = Config(training=TrainingConfig()).resolved()
    assert {*idle_flags(names, CommandConfig(mode="prepare"), config)} == names - common


def test_one_line_reports_all_flags_without_effect(capsys):
    run = "--run_dir=nowhere"
    assert main(["main.py", "--mode=sample", run, "--loss=gan", "--width=2"]) == 1
    assert "no effect with the other settings: --loss, --width\n" in capsys.readouterr().err
    assert "--width" in help_text()


def test_an_export_names_the_flags_of_other_formats():
    assert idle("--output=a", mode="export") == ["output"]
    flags = ["--export_dir=a", "--keep_versions=2", "--warmup=on", "--output=a"]
    assert idle("--format=onnx", *flags, mode="export") == ["export_dir", "keep_versions", "warmup"]


@pytest.mark.parametrize(
    ("mode", "flags"),
    [
        (
            "plan",
            ("--crop=0.5", "--held_out=0.2", "--run_dir=a", "--cache=memory", "--align=faces"),
        ),
        ("prepare", ("--cache=memory", "--held_out=0.2", "--labels=folder")),
        ("evaluate", ("--inception_weights=a",)),
        ("walk", ("--seed=3",)),
    ],
)
def test_settings_that_a_mode_does_not_read_have_no_effect(mode, flags):
    others = {"walk": ("--seeds=3,7",)}.get(mode, ("--dataset=folder", "--data_dir=a"))
    names = sorted(re.match(r"--(\w+)", flag)[1] for flag in flags)
    assert [name for name in idle(*flags, *others, mode=mode) if name != "dataset"] == names


def test_settings_that_a_mode_reads_have_an_effect():
    assert idle("--features=inception", "--inception_weights=a", mode="evaluate") == []
    assert idle("--seed=3", mode="walk") == []
