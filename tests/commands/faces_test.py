import logging
import types

import numpy as np
import pytest
from PIL import Image

from tfgan_faces.commands import faces
from tfgan_faces.config import CommandConfig, Config, DataConfig
from tfgan_faces.data.records.face_attributes import draw_attributes
from tfgan_faces.data.records.face_drawing import LARGE_FEATURES, draw_faces
from tfgan_faces.data.sources.face_cutting import FaceCutting
from tfgan_faces.data.sources.photo_decoding import decode_photo
from tfgan_faces.errors import UserError


@pytest.fixture
def photo(tmp_path):
    """A photo with a drawn face that is neither upright nor in the middle."""
    attributes = draw_attributes(np.random.default_rng(0)) | {"roll": 0.0, "yaw": 0.0, "glasses": 0}
    face = Image.fromarray(draw_faces([attributes], 256, LARGE_FEATURES)[0]).resize((200, 200))
    turned = face.convert("RGBA").rotate(30, expand=True)
    image = Image.new("RGB", (640, 480), (128, 128, 128))
    image.paste(turned, (60, 40), turned)
    image.save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Returns a function that projects a photo with a run on such photos; returns the target."""
    targets = []

    def find_latent(generator, target, seed):
        targets.append(target)
        return np.zeros(4, np.float32)

    monkeypatch.setattr(faces.projection, "find_latent", find_latent)
    monkeypatch.setattr(faces.sampling, "generate", lambda generator, latents: targets[-1:])

    def project(image, output=None, **data):
        config = Config(DataConfig("folder", data_dir="photos", image_size=64, **data)).resolved()
        run = types.SimpleNamespace(path=str(tmp_path), config=lambda: config)
        monkeypatch.setattr(faces, "_trained", lambda command, config: (run, None))
        command = CommandConfig(mode="project", image=str(image), output=output)
        faces.project_mode(command, config)
        return targets[-1]

    monkeypatch.setattr(logging.getLogger("tfgan_faces"), "propagate", True)
    return project


@pytest.mark.parametrize("which", ["largest", "all"])
def test_a_photo_is_aligned_like_those_of_the_run(project, photo, caplog, which):
    caplog.set_level(logging.INFO)
    target = project(photo, align="faces", faces=which)
    np.testing.assert_array_equal(target, FaceCutting(0.6, 64, which)(photo.read_bytes())[0])
    assert caplog.messages[-1].endswith("the photo was aligned by its face")


def test_a_photo_is_cropped_like_those_of_the_run(project, photo, caplog):
    caplog.set_level(logging.INFO)
    np.testing.assert_array_equal(
        project(photo, crop=0.75), decode_photo(photo.read_bytes(), 0.75, 64)
    )
    assert caplog.messages[-1].endswith("the photo was cropped to its central 75 %")


def test_a_photo_that_the_run_would_have_skipped_is_refused_with_the_reason(project, tmp_path):
    path = tmp_path / "grey.png"
    Image.new("RGB", (64, 64)).save(path)
    with pytest.raises(UserError, match=f"--image: {path} has no face of at least 48 pixels"):
        project(path, align="faces")
    path.write_bytes(b"text")
    with pytest.raises(UserError, match="is not a photo that can be read"):
        project(path)


def test_a_picture_cannot_have_the_name_of_its_latent(project, photo):
    with pytest.raises(UserError, match="--output must name a picture.*Received: face.npy"):
        project(photo, output="face.npy")


@pytest.mark.parametrize(
    "latents",
    [
        np.zeros((0, 4)),
        np.full((2, 4), 1e300),
        np.zeros((1, 1, 4)),
        np.zeros(3),
        np.zeros((2, 4), "S1"),
    ],
)
def test_latents_that_are_not_finite_numbers_of_the_right_shape_are_refused(latents, tmp_path):
    np.save(tmp_path / "latents.npy", latents)
    with pytest.raises(UserError, match=r"--latents must be finite numbers of shape \[4\] or"):
        given(tmp_path / "latents.npy")


def test_a_damaged_file_of_latents_is_refused(tmp_path):
    np.save(tmp_path / "latents.npy", np.zeros(4))
    content = (tmp_path / "latents.npy").read_bytes()
    (tmp_path / "latents.npy").write_bytes(content.replace(b"(4,)", b"(4,'"))
    with pytest.raises(UserError, match="--latents: .*latents.npy cannot be read"):
        given(tmp_path / "latents.npy")


def test_a_single_latent_is_a_row(tmp_path):
    np.save(tmp_path / "latents.npy", np.arange(4))
    found = given(tmp_path / "latents.npy")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[0, 1, 2, 3]])


def given(path):
    generator = types.SimpleNamespace(input_shape=(None, 4))
    return faces._given_latents(CommandConfig(latents=str(path)), generator)
