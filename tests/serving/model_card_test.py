import json
import os

import pytest

from tfgan_faces import cli
from tfgan_faces.config import Config, DataConfig, RunConfig, TrainingConfig
from tfgan_faces.config.datasets import DATASETS
from tfgan_faces.config.pretrained import pretrained_folder
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.runs.run_settings import read_settings
from tfgan_faces.serving.model_card import model_card, write_model_card

MEASUREMENT = {
    "name": "Frechet distance",
    "against": "held_out",
    "value": 0.25,
    "fakes": 10_000,
    "photos": 993,
    "features": "lfw-face-1",
    "resizing": "none",
}


def config():
    data = DataConfig("lfw", data_dir="/home/me/lfw.tgz", image_size=64)
    return Config(data, training=TrainingConfig(loss="hinge", r1=0.5)).resolved()


COMMANDS = {
    "all defaults": ["--dataset=drawn"],
    "the first recipe": [],
    "the first recipe's choices with other values": ["--loss=gan", "--width=1", "--dropout=1"],
    "photos": ["--dataset=lfw", "--data_dir=/home/me/lfw.tgz", "--image_size=64", "--loss=hinge"],
    "a recipe": ["--recipe=light", "--dataset=folder", "--data_dir=/home/me", "--max_steps=700"],
    "included networks": ["--init_from=lfw-64", "--dataset=drawn"],
    "settings between those networks' and the defaults": [
        *("--init_from=lfw-64", "--dataset=drawn", "--label_smoothing=0.1", "--penalty_every=1"),
        *("--rates=constant", "--width=1", "--image_size=64", "--batch_parts=1"),
    ],
}


@pytest.mark.parametrize("flags", COMMANDS.values(), ids=COMMANDS)
def test_the_command_trains_the_same_generator_again(flags):
    def parse(flags):
        return cli.parse(["main.py", *flags])[1]

    trained = parse([*flags, "--max_steps=700"])
    command = model_card(trained, 700, "0.4.0")["reproduce"]
    assert command.startswith("python main.py --")
    again = parse(command.replace("PHOTOS", trained.data.data_dir or "").split()[2:])
    assert again == trained


def test_the_command_leaves_out_default_values():
    command = model_card(Config().resolved(), 5, "0.4.0")["reproduce"]
    assert "--dataset=drawn" in command
    assert "--width" not in command


@pytest.mark.parametrize("limit", [{"minutes": 20.0}, {"max_steps": 9000}])
def test_the_command_ends_falling_rates_where_the_training_ended_them(limit):
    falling = Config(training=TrainingConfig(rates="falling"), run=RunConfig(**limit)).resolved()
    arguments = model_card(falling, 700, "0.4.0")["reproduce"].split()[2:]
    again = cli.parse(["main.py", *arguments])[1]
    assert (again.run.minutes, again.run.max_steps) == (falling.run.minutes, falling.run.max_steps)


@pytest.mark.parametrize(("name", "step"), [("lfw-64", 50_231), ("lfw-128", 5295)])
def test_the_command_of_included_networks_makes_as_many_steps(name, step):
    included = read_settings(str(pretrained_folder(name))).config
    assert f"--max_steps={step}" in model_card(included, step, "0.4.0")["reproduce"]


def rights_of(dataset, source):
    data = DataConfig(dataset, data_dir="photos" if dataset == "folder" else None)
    started = Config(data, training=TrainingConfig(init_from=source)).resolved()
    return model_card(started, 5, "0.4.0")["rights"]


def test_the_rights_are_those_of_all_photos_that_the_networks_have_seen(tmp_path):
    own = rights_of("folder", None)
    lfw = DATASETS["lfw"].rights
    assert lfw in rights_of("drawn", "lfw-64")
    assert "no photo of a person was used" not in rights_of("drawn", "lfw-64")
    assert rights_of("lfw", "lfw-64") == lfw
    both = rights_of("folder", "lfw-64")
    assert own in both
    assert lfw in both
    album = RunDirectory(str(tmp_path / "album"))  # perhaps of other photos
    album.begin(Config(DataConfig("folder", data_dir="photos")).resolved(), "photos")
    assert rights_of("folder", album.path).count(own) == 2
    # The run that a run started from may have started from others.
    second = Config(training=TrainingConfig(init_from="lfw-64")).resolved()
    RunDirectory(str(tmp_path / "second")).begin(second, "photos")
    assert lfw in rights_of("folder", str(tmp_path / "second"))
    assert "another run, whose photos are not known" in rights_of("drawn", str(tmp_path / "moved"))
    RunDirectory(str(tmp_path / "drawn")).begin(Config().resolved(), "photos")
    assert rights_of("drawn", str(tmp_path / "drawn")) == DATASETS["drawn"].rights
    assert rights_of("folder", str(tmp_path / "drawn")) == own


def test_rollbacks_are_listed_and_reproduced():
    rollbacks = [{"step": 400, "warning": "samples_alike", "to": 300}]
    card = model_card(config(), 700, "0.4.0", rollbacks=rollbacks)
    assert card["rollbacks"] == rollbacks
    assert "--on_collapse=rollback" in card["reproduce"]
    assert "--on_collapse" not in model_card(config(), 700, "0.4.0")["reproduce"]


def test_synchronised_batch_norms_are_reproduced():
    training = TrainingConfig(sync_batch_norm=True)
    card = model_card(Config(training=training).resolved(), 700, "0.4.0")
    assert "--sync_batch_norm" in card["reproduce"]


def test_the_card_contains_no_local_path():
    assert "/home/me" not in json.dumps(model_card(config(), 700, "0.4.0"))


def test_both_files_contain_the_quality_and_its_counts(tmp_path):
    write_model_card(tmp_path, model_card(config(), 700, "0.4.0", [MEASUREMENT]))
    text = (tmp_path / "assets" / "MODEL_CARD.md").read_text()
    assert "| Frechet distance | held-out people | 0.25 | 10,000 fakes, 993 photos |" in text
    assert "Labeled Faces in the Wild" in text
    card = json.loads((tmp_path / "assets" / "model_card.json").read_text())
    assert card["quality"] == [MEASUREMENT]
    assert card["settings"]["training"]["r1"] == 0.5


def test_a_card_without_measurements_says_so(tmp_path):
    write_model_card(tmp_path, model_card(Config().resolved(), 5, "0.4.0"))
    text = (tmp_path / "assets" / "MODEL_CARD.md").read_text()
    assert "Not measured" in text
    assert "no photo of a person was used" in text
    assert "This generator is that of step 5." in text
    assert os.listdir(tmp_path) == ["assets"]


def test_a_run_that_has_replaced_its_origin_has_unknown_rights(tmp_path):
    folder = str(tmp_path / "run")
    data = DataConfig("folder", data_dir="photos")
    config = Config(data, training=TrainingConfig(init_from=folder)).resolved()
    RunDirectory(folder).begin(config, "photos")
    rights = model_card(config, 5, "0.4.0")["rights"]
    assert "whose photos are not known here" in rights
    (tmp_path / "run" / "config.json").write_text("{}")  # of another program
    assert "are not known here" in model_card(config, 5, "0.4.0")["rights"]
