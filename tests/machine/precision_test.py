import keras
import pytest

from tfgan_faces.machine.devices import Cpu, Gpu, computing_devices
from tfgan_faces.machine.precision import choose_precision


def cpu(*flags):
    return Cpu("a CPU", 2**30, frozenset(flags))


def gpus(*capabilities):
    return [Gpu("a GPU", 2**30, capability) for capability in capabilities]


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        ([cpu("avx2", "fma")], "float32"),
        ([cpu("avx512f", "avx512_bf16")], "mixed_bfloat16"),
        ([cpu("amx_bf16")], "mixed_bfloat16"),
        (gpus((8, 0)), "mixed_bfloat16"),
        (gpus((7, 5)), "float32"),
        (gpus((9, 0), (7, 0)), "float32"),
        (gpus(None), "float32"),
    ],
)
def test_bfloat16_is_chosen_only_where_it_is_native(devices, expected):
    precision, reason = choose_precision(devices)
    assert precision == expected
    assert "bfloat16" in reason


def test_a_precision_is_chosen_on_this_machine():
    precision, _ = choose_precision(computing_devices())
    assert keras.DTypePolicy(precision).variable_dtype == "float32"
