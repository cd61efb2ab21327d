import pytest

from tfgan_faces.machine.unused_gpu import unused_gpu

CARD = "proc/driver/nvidia/version"


def machine(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


@pytest.mark.parametrize("file", [CARD, "proc/driver/nvidia/gpus/0000:01:00.0", "dev/nvidia0"])
def test_a_card_without_the_libraries_is_detected(tmp_path, file):
    advice = unused_gpu([], {}, machine(tmp_path, file))
    assert "pip install '.[cuda]'" in advice
    assert "nvidia-smi" in advice


def test_a_windows_card_is_detected_in_wsl2(tmp_path):
    assert unused_gpu([], {}, machine(tmp_path, "dev/dxg")) is None  # another vendor's card
    assert unused_gpu([], {}, machine(tmp_path, "usr/lib/wsl/lib/libcuda.so.1"))


def test_no_advice_without_a_card_or_if_it_is_used(tmp_path):
    assert unused_gpu([], {}, tmp_path) is None
    assert unused_gpu(["GPU:0"], {}, machine(tmp_path, CARD)) is None


@pytest.mark.parametrize("visible", ["", "-1", "-1,0", "NoDevFiles"])
def test_no_advice_for_hidden_cards(tmp_path, visible):
    root = machine(tmp_path, CARD)
    assert unused_gpu([], {"CUDA_VISIBLE_DEVICES": visible}, root) is None


@pytest.mark.parametrize("visible", ["0", "1,2", "GPU-8932f937", "MIG-8932f937"])
def test_advice_for_visible_cards(tmp_path, visible):
    root = machine(tmp_path, CARD)
    assert unused_gpu([], {"CUDA_VISIBLE_DEVICES": visible}, root)
