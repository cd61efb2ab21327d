import importlib.resources

import numpy as np
import pytest

from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.batches.open_photos import read_photos
from tfgan_faces.data.batches.people import SIDES
from tfgan_faces.data.records import preparation
from tfgan_faces.evaluation import face_network
from tfgan_faces.evaluation.distances import frechet_distance, moments
from tfgan_faces.evaluation.features import Features


@pytest.mark.parametrize("name", face_network.NAMES)
def test_weights_in_the_package_are_small(name):
    path = importlib.resources.files("tfgan_faces.evaluation") / f"{name}.npz"
    assert len(path.read_bytes()) < 2_000_000


def test_saved_weights_are_loaded(tmp_path, monkeypatch):
    network = face_network.build_face_network()
    face_network.save_face_network(network, tmp_path / "new.npz")
    monkeypatch.setattr(face_network.importlib.resources, "files", lambda _: tmp_path)
    weights = face_network.load_face_network("new").get_weights()
    for loaded, saved in zip(weights, network.get_weights()):
        np.testing.assert_allclose(loaded, saved, rtol=1e-3, atol=1e-6)


@pytest.mark.long
def test_worse_images_have_a_larger_distance(lfw_archive, tmp_path, rng):
    data = Config(DataConfig("lfw", data_dir=lfw_archive, image_size=32)).resolved().data
    builder = preparation.prepare(data, str(tmp_path))
    photos, held_out = (read_photos(builder, people)[:] for people in SIDES)
    features = Features()
    target = moments(features(held_out))
    photos = photos[rng.permutation(len(photos))[:2000]]

    def distance(images):
        return frechet_distance(*moments(features(np.uint8(np.clip(images, 0, 255)))), *target)

    noisy = [distance(photos + rng.normal(scale=s, size=photos.shape)) for s in (0, 10, 20, 40)]
    assert noisy == sorted(noisy)
    assert noisy[-1] > 4 * noisy[0]
    smooth = photos.astype(np.float32)
    blurred = [noisy[0]]
    for _ in range(3):
        smooth = (smooth + np.roll(smooth, 1, 1) + np.roll(smooth, 1, 2)) / 3
        blurred.append(distance(smooth))
    assert blurred == sorted(blurred)
    dropped = [distance(photos[:count].repeat(2000 // count, 0)) for count in (2000, 200, 50)]
    assert dropped == sorted(dropped)


@pytest.mark.long
def test_the_second_network_notices_torn_faces(lfw_archive, tmp_path, rng):
    """The right half of the face is six pixels lower, at a seam of one pixel."""
    data = Config(DataConfig("lfw", data_dir=lfw_archive, image_size=64)).resolved().data
    builder = preparation.prepare(data, str(tmp_path))
    photos, held_out = (read_photos(builder, people)[:] for people in SIDES)
    photos = photos[rng.permutation(len(photos))[:1000]]
    torn = photos.copy()
    torn[:, 6:, 32:] = photos[:, :-6, 32:]
    ratios = []
    for name in ("face", "face-2"):
        features = Features(name)
        target = moments(features(held_out))
        whole, worse = (
            frechet_distance(*moments(features(images)), *target) for images in (photos, torn)
        )
        ratios.append(worse / whole)
    assert ratios[1] > 2.0
    assert ratios[1] > 1.5 * ratios[0]
