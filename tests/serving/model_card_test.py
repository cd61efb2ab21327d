import dataclasses
import json
import os

from tfgan_faces import cli
from tfgan_faces.config import Config, DataConfig, TrainingConfig
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


def test_the_command_trains_the_same_generator_again():
    card = model_card(config(), 700, "0.4.0")
    arguments = card["reproduce"].replace("PHOTOS", "/home/me/lfw.tgz").split()[2:]
    _, again = cli.parse(["main.py", *arguments])
    steps = dataclasses.replace(again.run, max_steps=config().run.max_steps)
    assert dataclasses.replace(again, run=steps) == config()
    assert again.run.max_steps == 700


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
    assert os.listdir(tmp_path) == ["assets"]
