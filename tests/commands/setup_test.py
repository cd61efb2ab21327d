import logging

import pytest

from tfgan_faces.commands import setup
from tfgan_faces.config import Config, DataConfig, TrainingConfig
from tfgan_faces.machine.devices import Cpu, Gpu

T4 = Gpu("Tesla T4", 14 * 2**30, (7, 5))


@pytest.fixture
def messages(monkeypatch):
    """Returns the list of logged (level, message) pairs."""
    messages, logger, handler = [], logging.Logger("setup"), logging.Handler()
    handler.emit = lambda record: messages.append((record.levelname, record.getMessage()))
    logger.addHandler(handler)
    monkeypatch.setattr(setup, "_logger", logger)
    monkeypatch.setattr(setup, "unused_gpu", lambda gpus: None)
    return messages


def config(precision):
    return Config(training=TrainingConfig(precision=precision)).resolved()


def test_the_device_and_the_precision_are_logged_in_one_line(messages):
    chosen = setup.with_precision(config("auto"), [T4])
    assert chosen.training.precision == "float32"
    assert messages == [
        (
            "INFO",
            "Computing on Tesla T4 (14.0 GiB of memory, compute capability 7.5) in float32: "
            "bfloat16 is not supported natively",
        )
    ]


def test_a_given_precision_is_kept_and_logged(messages):
    cpu = Cpu("Xeon", 2**30, frozenset({"avx2"}))
    assert setup.with_precision(config("mixed_bfloat16"), [cpu]) == config("mixed_bfloat16")
    assert messages[0][1].endswith("in mixed_bfloat16: set by --precision")


def test_an_unused_card_is_logged_as_a_warning_afterwards(messages, monkeypatch):
    monkeypatch.setattr(setup, "unused_gpu", lambda gpus: "There is a card.")
    setup.with_precision(config("auto"), [T4])
    assert messages[1] == ("WARNING", "There is a card.")


@pytest.mark.parametrize(("photos", "share"), [(199, 0.2), (200, 0.1)])
def test_more_people_are_held_out_if_there_are_few_photos(photos, share):
    assert setup._with_held_out(Config().resolved(), photos).data.held_out == share
    given = Config(DataConfig(held_out=0.3)).resolved()
    assert setup._with_held_out(given, photos) == given


@pytest.mark.parametrize(("photos", "augment"), [(1999, "auto"), (2000, "translation")])
def test_the_augmentation_depends_on_the_number_of_photos(photos, augment, messages):
    chosen = setup._with_augment(Config().resolved(), photos)
    assert chosen.training.augment == augment
    assert len(messages) == (2 if augment == "auto" else 0)
    # A critic is ahead by design, which does not mean that it remembers the photos.
    critic = Config(training=TrainingConfig(loss="wgan-gp", balance="none")).resolved()
    assert setup._with_augment(critic, photos).training.augment == "translation"
