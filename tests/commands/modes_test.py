import dataclasses
import inspect

import pytest

from tfgan_faces.commands import mode_function
from tfgan_faces.config import CommandConfig
from tfgan_faces.config.datasets import DATASETS
from tfgan_faces.config.modes import COMMON_FLAGS, MODES
from tfgan_faces.data.records import preparation


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_has_a_function_and_reads_flags_that_exist(mode):
    assert list(inspect.signature(mode_function(mode)).parameters) == ["command", "config"]
    assert {*MODES[mode].flags} <= {field.name for field in dataclasses.fields(CommandConfig)}


def test_every_flag_of_a_call_is_read_by_a_mode():
    read = {flag for mode in MODES.values() for flag in mode.flags}
    assert read | {*COMMON_FLAGS} == {field.name for field in dataclasses.fields(CommandConfig)}


def test_every_data_set_has_a_builder():
    assert preparation._BUILDERS.keys() == DATASETS.keys()
