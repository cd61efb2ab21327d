import os

import pytest

from tfgan_faces.machine.cores import cores_per_part


@pytest.mark.parametrize(
    ("cores", "parts", "expected"), [(1, 2, 1), (2, 2, 1), (3, 2, 2), (8, 2, 4), (8, 1, 8)]
)
def test_every_core_belongs_to_a_part(monkeypatch, cores, parts, expected):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(cores)), raising=False)
    assert cores_per_part(parts) == expected
