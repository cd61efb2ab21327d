import numpy as np
import pytest
from PIL import Image

from tests.serving.conftest import exported, generator  # noqa: F401, used by name


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Returns a folder with 300 small photos of 30 people."""
    folder, rng = tmp_path_factory.mktemp("photos"), np.random.default_rng(0)
    for number in range(300):
        person = folder / f"person {number // 10}"
        person.mkdir(exist_ok=True)
        pixels = rng.integers(0, 256, (36, 36, 3), np.uint8)
        Image.fromarray(pixels).save(person / f"{number}.png")
    return folder
