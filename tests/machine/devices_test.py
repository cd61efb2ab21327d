import pytest
import tensorflow as tf

from tfgan_faces.machine import devices
from tfgan_faces.machine.devices import (
    Cpu,
    Gpu,
    computing_devices,
    cpu,
    describe,
    gpus_of,
    memory_limits,
)

A10 = {"device_name": "NVIDIA A10", "compute_capability": (8, 6)}


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("sse2 avx avx2 fma", "AVX2"),
        ("avx2 avx512f avx512dq", "AVX-512"),
        ("avx2 avx512f avx512_bf16", "AVX-512 with bfloat16"),
        ("avx2 avx512f avx512_bf16 amx_bf16 amx_tile", "AMX"),
        ("sse2", "x86_64"),
    ],
)
def test_a_cpu_has_a_name_and_its_widest_instructions(tmp_path, monkeypatch, flags, expected):
    monkeypatch.setattr(devices.platform, "machine", lambda: "x86_64")
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "cpuinfo").write_text(
        f"processor\t: 0\nmodel name\t: AMD EPYC 9R14\nflags\t\t: {flags}\n\n"
        "processor\t: 1\nmodel name\t: another\nflags\t\t: none\n\n"
    )
    found = cpu(tmp_path)
    assert found.name == "AMD EPYC 9R14"
    assert found.instructions == expected
    assert found.memory > 2**28


def test_a_cpu_has_a_name_on_other_systems_than_linux(tmp_path, monkeypatch):
    monkeypatch.setattr(devices.platform, "processor", lambda: "")
    monkeypatch.setattr(devices.platform, "machine", lambda: "arm64")
    found = cpu(tmp_path)
    assert (found.name, found.instructions) == ("arm64", "arm64")
    assert not found.computes_in_bfloat16


def test_unknown_properties_of_a_gpu_are_described_as_unknown():
    (known, unknown) = gpus_of([A10, {}], [24 * 2**30, None])
    assert str(known) == "NVIDIA A10 (24.0 GiB of memory, compute capability 8.6)"
    assert str(unknown) == "GPU (unknown memory, unknown compute capability)"


def test_equal_devices_are_described_once():
    a10, other = Gpu("NVIDIA A10", 2**30, (8, 6)), Gpu("Tesla T4", 2**29, (7, 5))
    assert describe([a10, a10, other]) == (
        "2 x NVIDIA A10 (1.0 GiB of memory, compute capability 8.6), "
        "Tesla T4 (0.5 GiB of memory, compute capability 7.5)"
    )
    assert describe([Cpu("Xeon", 2**30, frozenset({"avx2"}))]) == "Xeon (1.0 GiB of memory, AVX2)"


def test_computing_devices_are_at_most_count_gpus(monkeypatch):
    visible = [tf.config.PhysicalDevice(f"/physical_device:GPU:{i}", "GPU") for i in range(3)]
    monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: visible)
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda device: A10)
    monkeypatch.setattr(devices, "memory_limits", lambda kind: [1, 2, 3])
    assert computing_devices() == [Gpu("NVIDIA A10", 1, (8, 6))]
    assert [gpu.memory for gpu in computing_devices(2)] == [1, 2]


def test_the_cpu_computes_if_there_is_no_gpu(monkeypatch):
    monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: [])
    (found,) = computing_devices(4)
    assert isinstance(found, Cpu)


def test_memory_limits_are_those_of_tensorflow():
    # TensorFlow reports 256 MiB for any CPU; the same call returns a GPU's limit.
    cpus = tf.config.list_logical_devices("CPU")
    assert memory_limits("CPU") == [2**28] * len(cpus)
    assert memory_limits("no such kind") == []
