import numpy as np
import pytest
from PIL import Image

from tfgan_faces.visuals import image_grid as grids


def test_pixels_are_rounded_and_clipped():
    got = grids.to_uint8(np.float32([-1.0, 0.0, 1.0, -5.0, 5.0, 0.9999]))
    np.testing.assert_array_equal(got, [0, 128, 255, 0, 255, 255])


def test_grid_arranges_images_in_rows_and_pads_with_white():
    images = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 3, 3), np.uint8)
    grid = grids.image_grid(images)
    assert grid.shape == (4, 9, 3)
    np.testing.assert_array_equal(grid[::2, ::3, 0], [[0, 1, 2], [3, 4, 255]])
    assert grids.image_grid(images, columns=5).shape == (2, 15, 3)


def test_enlarging_repeats_pixels():
    image = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    large = grids.enlarged(image, minimum_width=6)
    assert large.shape == (6, 6, 3)
    np.testing.assert_array_equal(large[::3, ::3], image)


def test_png_and_gif_round_trip(tmp_path, rng):
    frames = rng.integers(0, 256, (3, 8, 8, 3), np.uint8)
    grids.write_png(tmp_path / "a.png", frames[0])
    np.testing.assert_array_equal(grids.read_png(tmp_path / "a.png"), frames[0])
    grids.write_gif(tmp_path / "a.gif", frames, 0.2)
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.n_frames == 3
        assert gif.info["duration"] == pytest.approx(200)
        assert gif.info["loop"] == 0


def test_heat_ranges_from_dark_to_bright():
    picture = grids.heat(np.array([[-1.0, 0.0, 0.5, 1.0, 2.0]]))
    assert picture.dtype == np.uint8
    assert picture.shape == (1, 5, 3)
    brightness = picture.astype(int).sum(-1)[0]
    assert brightness[0] == brightness[1] < brightness[2] < brightness[3] == brightness[4]
