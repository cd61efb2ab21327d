"""Settings and small inputs shared by the tests."""

import dataclasses
import io
import os
import uuid
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
if "PYTEST_XDIST_WORKER" in os.environ:  # one of several, which share the cores
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.object_store import BUCKET, object_store
from tfgan_faces.commands import run_actions, training
from tfgan_faces.errors import UserError
from tfgan_faces.models import batch_statistics
from tfgan_faces.serving import saved_model, verify_saved_model
from tfgan_faces.storage import lease
from tfgan_faces.storage.files import write_atomic
from tfgan_faces.storage.paths import without_patterns
from tfgan_faces.training import actions
from tfgan_faces.visuals.image_grid import write_gif

LFW_NAME = "lfw-deepfunneled.tgz"


def pytest_collection_modifyitems(items):
    """Files with slow tests come first, so that the quick ones fill the workers' last seconds."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def _seed():
    keras.utils.set_random_seed(1234)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.fixture
def photo_folder(tmp_path, rng):
    """Nine small JPEGs of three people."""
    for person in ("Ann", "Bob", "Cy d"):
        folder = tmp_path / "photos" / person
        folder.mkdir(parents=True)
        for number in range(3):
            pixels = rng.integers(0, 256, (40, 50, 3), np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}.jpg")
    return tmp_path / "photos"


@pytest.fixture
def folder_flags(photo_folder, tmp_path):
    """The flags of a run of two steps on those JPEGs."""
    return [
        "--dataset=folder",
        f"--data_dir={photo_folder}",
        f"--cache_dir={tmp_path / 'cache'}",
        f"--run_dir={tmp_path / 'run'}",
        f"--export_dir={tmp_path / 'models'}",
        "--batch_size=4",
        "--width=0.25",
        "--latent_dim=8",
        "--max_steps=2",
        "--log_every=1",
        "--balance=none",  # so that every step changes the weights
    ]


def verify_here(folder, expected, tolerance=1):
    """Does in this process what `verify` does in one of its own."""
    try:
        with (
            tf.Graph().as_default(),
            tf.compat.v1.Session() as session,
            without_patterns(folder) as path,
        ):
            model = verify_saved_model.Model(session, path)
            for signature, (inputs, images) in expected.items():
                verify_saved_model.compare(model, signature, inputs, images, tolerance)
            warmup = os.path.join(folder, "assets.extra", "tf_serving_warmup_requests")
            if os.path.exists(warmup):
                verify_saved_model.replay(model, warmup)
    except SystemExit as error:
        raise UserError(f"was not published: {error}") from error


@pytest.fixture
def verified_here(monkeypatch):
    """Exports are verified by the same code in this process, not in one of their own."""
    monkeypatch.setattr(saved_model, "verify", verify_here)


_TRAINERS = {}


@pytest.fixture
def plain_training(monkeypatch):
    """Of trainings only the weights and numbers are as ever.

    Batch statistics, which are a function of the weights, are of few faces; samples are
    compressed less; curves and walks are of a few pixels.
    """
    monkeypatch.setattr(batch_statistics, "COUNT", 128)

    def png(image):
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()

    pixels = np.zeros((8, 8, 3), np.uint8)
    monkeypatch.setattr(
        run_actions, "write_png", lambda path, image: write_atomic(path, png(image))
    )
    monkeypatch.setattr(actions, "monitor_png", lambda *_, **__: png(pixels))
    monkeypatch.setattr(training, "write_walk", lambda _, path, __: write_gif(path, [pixels], 0.1))


@pytest.fixture
def shared_trainers(monkeypatch):
    """Trainings of the same settings share one trainer, each time put back to its beginning.

    It is not for tests that compare a resumed run with another: what is not part of a trainer's
    state would be put back, too.
    """
    build = training.build_trainer

    def build_or_put_back(config, strategy=None):
        settings = dataclasses.asdict(config.training)
        for name in ("generator_learning_rate", "discriminator_learning_rate"):
            settings[name] = None  # set by the trainer's `set_learning_rates`
        key = repr((settings, config.model, config.data.image_size))
        if key not in _TRAINERS:
            trainer = build(config, strategy)
            kept = [v for it in trainer.state().values() for v in it]
            kept += [v for it in trainer.updates.values() for v in it.guard.variables]
            _TRAINERS[key] = trainer, [(variable, variable.numpy()) for variable in kept]
        trainer, beginning = _TRAINERS[key]
        for variable, value in beginning:
            variable.assign(value)
        trainer.config = config.training
        return trainer

    monkeypatch.setattr(training, "build_trainer", build_or_put_back)


@pytest.fixture
def quickly_evaluated(monkeypatch):
    """While training, distances are measured of few faces."""
    monkeypatch.setattr(training, "_QUICK_FACES", 100)


@pytest.fixture(scope="session")
def lfw_archive():
    """The LFW archive: named by LFW_ARCHIVE, or in shared/data beside the checkout."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data" / LFW_NAME
    path = Path(os.environ.get("LFW_ARCHIVE", beside))
    if not path.exists():
        pytest.skip(f"the LFW archive is not on this machine (set LFW_ARCHIVE to a {LFW_NAME})")
    return str(path)


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """The address of an empty folder in a bucket, which child processes reach, too.

    Leases in it are quick in this process.
    """
    monkeypatch.setattr(lease, "RENEWED_EVERY", 0.2)
    monkeypatch.setattr(lease, "GIVEN_UP_AFTER", 3.0)
    monkeypatch.setattr(lease, "_SETTLED_AFTER", 0.2)
    with object_store(tmp_path) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield f"{BUCKET}/{uuid.uuid4().hex}"  # TensorFlow remembers names for some seconds
