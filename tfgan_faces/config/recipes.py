"""The recipes: files in the folder `recipes/` with flags that work well together."""

from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "recipes"
RECIPES = tuple(sorted(path.stem for path in _FOLDER.glob("*.flags")))
# The recipe of a command line that sets none of these settings. It needs no photos and generates
# faces within five minutes.
FIRST_RECIPE = "drawn"
CHOICES_OF_A_TRAINING = ("dataset", "architecture", "loss", "image_size")


def recipe_path(name):
    """Returns the path of the file of a recipe."""
    return str(_FOLDER / f"{name}.flags")
