import keras
import pytest

from tfgan_faces.precision import choose_precision, machine


@pytest.mark.parametrize(
    ("gpus", "flags", "expected"),
    [
        ([], {"avx2", "fma"}, "float32"),
        ([], {"avx512f", "avx512_bf16"}, "mixed_bfloat16"),
        ([], {"amx_bf16"}, "mixed_bfloat16"),
        ([(8, 0)], set(), "mixed_bfloat16"),
        ([(7, 5)], {"amx_bf16"}, "float32"),
        ([(9, 0), (7, 0)], set(), "float32"),
        ([None], set(), "float32"),
    ],
)
def test_bfloat16_only_where_it_is_native(gpus, flags, expected):
    precision, reason = choose_precision(gpus, flags)
    assert precision == expected
    assert "bfloat16" in reason


def test_this_machine_has_an_answer():
    precision, _ = choose_precision(*machine())
    assert keras.DTypePolicy(precision).variable_dtype == "float32"
