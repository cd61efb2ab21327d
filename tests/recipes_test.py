from pathlib import Path

import pytest

import tfgan_faces
from tfgan_faces import cli
from tfgan_faces.config.recipes import RECIPES

FOLDER = Path(tfgan_faces.__file__).parent / "recipes"


def test_every_recipe_has_a_file():
    assert {path.stem for path in FOLDER.iterdir()} == set(RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_valid_and_starts_with_a_comment(name):
    assert (FOLDER / f"{name}.flags").read_text().startswith("# ")
    _, config = cli.parse(["main.py", f"--recipe={name}"])
    assert config.data.image_size == (32 if name == "drawn" else 64)
    assert config.run.minutes == (3.3 if name == "drawn" else 20)


def test_flags_before_and_after_a_recipe_override_it():
    _, config = cli.parse(["main.py", "--batch_size=8", "--recipe=dcgan", "--image_size=32"])
    assert (config.training.batch_size, config.data.image_size) == (8, 32)
    assert config.training.generator_learning_rate == 2e-4
