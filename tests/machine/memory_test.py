import os

import pytest

from tfgan_faces.machine.memory import machine_memory

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.fixture
def limit(tmp_path):
    """A function that writes a file below `proc` or `sys`."""

    def write(path, content):
        path = tmp_path / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")

    return write


def test_without_groups_it_is_the_machine_s(tmp_path):
    assert machine_memory(tmp_path) == MACHINE


def test_version_2_has_one_group_and_those_above(tmp_path, limit):
    limit("proc/self/cgroup", "0::/a/b")
    limit("sys/fs/cgroup/a/b/memory.max", "max")
    assert machine_memory(tmp_path) == MACHINE
    limit("sys/fs/cgroup/a/memory.max", 4096)
    assert machine_memory(tmp_path) == 4096
    limit("sys/fs/cgroup/a/b/memory.max", 1024)
    assert machine_memory(tmp_path) == 1024


def test_version_1_has_a_group_of_memory(tmp_path, limit):
    limit("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/1234\n0::/")
    limit("sys/fs/cgroup/cpu/x/memory.limit_in_bytes", 1)
    assert machine_memory(tmp_path) == MACHINE
    limit("sys/fs/cgroup/memory/memory.limit_in_bytes", 2048)  # as a container sees its own
    assert machine_memory(tmp_path) == 2048


def test_no_limit_is_a_large_one_in_version_1(tmp_path, limit):
    limit("proc/self/cgroup", "4:memory:/")
    limit("sys/fs/cgroup/memory/memory.limit_in_bytes", 2**63 - 4096)
    assert machine_memory(tmp_path) == MACHINE


def test_this_process_has_no_more_than_the_machine():
    assert 2**28 < machine_memory() <= MACHINE
