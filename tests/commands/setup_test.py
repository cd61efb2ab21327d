import logging

import pytest

from tfgan_faces.commands import setup
from tfgan_faces.config import Config, TrainingConfig
from tfgan_faces.machine.devices import Cpu, Gpu

T4 = Gpu("Tesla T4", 14 * 2**30, (7, 5))


@pytest.fixture
def told(monkeypatch):
    """The lines of the log, with their levels."""
    lines, logger, handler = [], logging.Logger("told"), logging.Handler()
    handler.emit = lambda record: lines.append((record.levelname, record.getMessage()))
    logger.addHandler(handler)
    monkeypatch.setattr(setup, "_logger", logger)
    monkeypatch.setattr(setup, "unused_gpu", lambda gpus: None)
    return lines


def config(precision):
    return Config(training=TrainingConfig(precision=precision)).resolved()


def test_what_computes_and_in_what_is_one_line(told):
    chosen = setup.with_precision(config("auto"), [T4])
    assert chosen.training.precision == "float32"
    assert told == [
        (
            "INFO",
            "Computing on Tesla T4 (14.0 GiB of memory, compute capability 7.5) in float32: "
            "bfloat16 is not supported natively",
        )
    ]


def test_a_precision_that_was_asked_for_is_kept_and_said(told):
    cpu = Cpu("Xeon", 2**30, frozenset({"avx2"}))
    assert setup.with_precision(config("mixed_bfloat16"), [cpu]) == config("mixed_bfloat16")
    assert told[0][1].endswith("in mixed_bfloat16: as --precision asks")


def test_a_card_that_is_not_used_is_a_warning_after_it(told, monkeypatch):
    monkeypatch.setattr(setup, "unused_gpu", lambda gpus: "There is a card.")
    setup.with_precision(config("auto"), [T4])
    assert told[1] == ("WARNING", "There is a card.")
