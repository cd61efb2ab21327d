import os
import subprocess
import sys

import pytest

from tfgan_faces.machine import onednn

ZEN_3 = {"avx", "avx2", "fma"}


def test_it_is_enabled_before_tensorflow_is_imported(caplog):
    environment = {}
    onednn.enable(environment, {}, ZEN_3)
    assert environment == {"TF_ENABLE_ONEDNN_OPTS": "1"}
    assert not caplog.records


@pytest.mark.parametrize("value", ["0", "1", ""])
def test_an_existing_value_is_kept(value, caplog):
    environment = {"TF_ENABLE_ONEDNN_OPTS": value}
    onednn.enable(environment, {"tensorflow": None}, ZEN_3)
    assert environment == {"TF_ENABLE_ONEDNN_OPTS": value}
    assert not caplog.records


def test_an_earlier_import_of_tensorflow_causes_one_warning(caplog):
    environment = {}
    for _ in range(2):
        onednn.enable(environment, {"tensorflow": None}, ZEN_3)
    (record,) = caplog.records
    assert "Import tfgan_faces first, or set TF_ENABLE_ONEDNN_OPTS=1" in record.message


@pytest.mark.parametrize("flag", ["avx512_vnni", "avx_vnni", "amx_bf16"])
def test_no_warning_where_tensorflow_enables_it_by_default(flag, caplog):
    onednn.enable({}, {"tensorflow": None}, {*ZEN_3, flag})
    assert not caplog.records


def test_importing_the_package_enables_it():
    code = "import os, tfgan_faces; print(os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    environment = {k: v for k, v in os.environ.items() if k != "TF_ENABLE_ONEDNN_OPTS"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "1"
