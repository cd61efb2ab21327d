import numpy as np
import pytest

from tfgan_faces import batches
from tfgan_faces.evaluation.features import Features
from tfgan_faces.generation.projection import project
from tfgan_faces.image_arrays import check_images
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
