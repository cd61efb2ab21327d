import numpy as np
import pytest

from tfgan_faces import batches
from tfgan_faces.arguments import check_choice, check_images
from tfgan_faces.data.batches.open_photos import read_photos
from tfgan_faces.evaluation.features import Features
from tfgan_faces.generation.projection import project
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.serving.warmup import is_wanted
from tfgan_faces.visuals.image_grid import image_grid


class Indexed:
    """Photos that are read on demand."""

    shape = (5, 4, 4, 3)

    def __len__(self):
        return 5

    def __getitem__(self, rows):
        return np.zeros((len(range(5)[rows]), 4, 4, 3), np.uint8)


@pytest.mark.parametrize("images", [np.zeros((2, 4, 4, 3), np.uint8), Indexed()])
def test_uint8_images_are_accepted(images):
    check_images(images, "photos")


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 4, 4, 3)),
        np.zeros((2, 4, 4, 3), np.float32),
        np.zeros((2, 4, 4), np.uint8),
        np.zeros((2, 3, 4, 4), np.uint8),
        [[1, 2]],
    ],
)
def test_other_images_raise_an_error_with_their_type_and_shape(images):
    with pytest.raises(ValueError, match="`photos` must be a uint8 array.*Received: "):
        check_images(images, "photos")


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda images: Features()(images), "images"),
        (lambda images: batches(images, batch_size=1, seed=0), "photos"),
        (image_grid, "images"),
        (lambda images: project(None, images[0]), "photo"),
    ],
)
def test_every_public_function_checks_its_images(function, name):
    with pytest.raises(ValueError, match=f"`{name}` must be a uint8 array"):
        function(np.full((2, 8, 8, 3), 0.5, np.float32))


def test_a_choice_is_refused_with_all_choices():
    check_choice("off", ("on", "off"), "warmup")
    with pytest.raises(ValueError, match="`warmup` must be one of on, off. Received: warmup=True"):
        check_choice(True, ("on", "off"), "warmup")


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda: Features("lfw-face-1"), "name"),
        (lambda: RunDirectory("run").averaged_generator(checkpoint="bets"), "checkpoint"),
        (lambda: read_photos(None, "heldout"), "people"),
        (lambda: is_wanted("yes"), "warmup"),
    ],
)
def test_public_functions_refuse_what_is_not_a_choice(function, name):
    with pytest.raises(ValueError, match=f"`{name}` must be one of"):
        function()
