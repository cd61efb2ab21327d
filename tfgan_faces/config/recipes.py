"""The recipes: files of flags that work well together, in the folder `recipes/`."""

from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "recipes"
RECIPES = tuple(sorted(path.stem for path in _FOLDER.glob("*.flags")))
# The recipe of a command line that names none of these settings: faces within five minutes,
# without photos.
FIRST_RECIPE = "drawn"
CHOICES_OF_A_TRAINING = ("dataset", "architecture", "loss", "image_size")


def recipe_path(name):
    """Returns the path of a recipe's file of flags."""
    return str(_FOLDER / f"{name}.flags")
