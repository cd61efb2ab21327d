import os

import pytest

from tfgan_faces.machine.memory import machine_memory

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.fixture
def limit(tmp_path):
    """A function that writes a file in `proc` or `sys`."""

    def write(path, content):
        path = tmp_path / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")

    return write


def test_without_groups_the_machines_memory_is_returned(tmp_path):
    assert machine_memory(tmp_path) == MACHINE


def test_limits_of_a_version_2_group_and_its_parents_apply(tmp_path, limit):
    limit("proc/self/cgroup", "0::/a/b")
    limit("sys/fs/cgroup/a/b/memory.max", "max")
    assert machine_memory(tmp_path) == MACHINE
    limit("sys/fs/cgroup/a/memory.max", 4096)
    assert machine_memory(tmp_path) == 4096
    limit("sys/fs/cgroup/a/b/memory.max", 1024)
    assert machine_memory(tmp_path) == 1024


def test_limits_of_a_version_1_memory_group_apply(tmp_path, limit):
    limit("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/1234\n0::/")
    limit("sys/fs/cgroup/cpu/x/memory.limit_in_bytes", 1)
    assert machine_memory(tmp_path) == MACHINE
    limit("sys/fs/cgroup/memory/memory.limit_in_bytes", 2048)  # a container's own group
    assert machine_memory(tmp_path) == 2048


def test_a_huge_limit_in_version_1_means_no_limit(tmp_path, limit):
    limit("proc/self/cgroup", "4:memory:/")
    limit("sys/fs/cgroup/memory/memory.limit_in_bytes", 2**63 - 4096)
    assert machine_memory(tmp_path) == MACHINE


def test_this_process_has_at_most_the_machines_memory():
    assert 2**28 < machine_memory() <= MACHINE
