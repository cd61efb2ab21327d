import os

import pytest

from tfgan_faces.machine.processor import core_count, first_processor, instruction_sets

CPUINFO = """processor\t: 0
model name\t: Some CPU @ 2.00GHz
flags\t\t: fpu avx2 fma

processor\t: 1
flags\t\t: fpu
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "cpuinfo").write_text(CPUINFO)
    return tmp_path


def test_properties_are_those_of_the_first_processor(root):
    assert first_processor(root)["model name"] == "Some CPU @ 2.00GHz"
    assert instruction_sets(root) == {"fpu", "avx2", "fma"}


def test_other_systems_have_no_known_instruction_sets(tmp_path):
    assert first_processor(tmp_path) == {}
    assert instruction_sets(tmp_path) == frozenset()


def test_cores_that_the_process_may_not_use_do_not_count(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {1, 3, 4}, raising=False)
    assert core_count() == 3
    monkeypatch.delattr(os, "sched_getaffinity")  # as on macOS and Windows
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert core_count() == 6
