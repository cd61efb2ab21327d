"""Settings, fixtures and small inputs shared by the tests."""

import contextlib
import dataclasses
import io
import os
import signal
import uuid
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
if "PYTEST_XDIST_WORKER" in os.environ:  # one of several workers that share the cores
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
from tfgan_faces.evaluation import image_classifier
from tfgan_faces.models import batch_statistics
from tfgan_faces.serving import saved_model, verify_saved_model
from tfgan_faces.storage import lease
from tfgan_faces.storage.files import write_atomic
from tfgan_faces.storage.paths import without_patterns
from tfgan_faces.training import actions
from tfgan_faces.visuals.image_grid import write_gif

LFW_NAME = "lfw-deepfunneled.tgz"

# A job in the background may ignore these signals, and its child processes then do, too.
for _number, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)


def pytest_collection_modifyitems(items):
    """Runs files with slow tests first, so that fast tests balance the workers at the end."""
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
    """Returns a folder with nine small JPEG files of three people."""
    for person in ("Ann", "Bob", "Cy d"):
        folder = tmp_path / "photos" / person
        folder.mkdir(parents=True)
        for number in range(3):
            pixels = rng.integers(0, 256, (40, 50, 3), np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}.jpg")
    return tmp_path / "photos"


@pytest.fixture
def folder_flags(photo_folder, tmp_path):
    """Returns the flags of a run of two steps on the photos of `photo_folder`."""
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
    """Does the same as `verify`, but in this process."""
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


@contextlib.contextmanager
def verifier_here():
    """Does the same as `verifier`, but in this process."""
    yield verify_here


@pytest.fixture
def verified_here(monkeypatch):
    """Makes exports run their verification in this process instead of a new one."""
    monkeypatch.setattr(saved_model, "verifier", verifier_here)


_TRAINERS = {}


@pytest.fixture
def plain_training(monkeypatch):
    """Speeds up trainings without changing their weights and metrics.

    Batch statistics, which are a function of the weights, are computed from few faces. Samples
    are compressed less. Curves and walks are images of a few pixels.
    """
    monkeypatch.setattr(batch_statistics, "COUNT", 128)

    def png(image):
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()

    pixels = np.zeros((8, 8, 3), np.uint8)
    monkeypatch.setattr(
        run_actions, "write_png", lambda path, image, *_: write_atomic(path, png(image))
    )
    monkeypatch.setattr(actions, "monitor_png", lambda *_, **__: png(pixels))
    monkeypatch.setattr(
        training, "write_walk", lambda _, path, *__, **___: write_gif(path, [pixels], 0.1)
    )


@pytest.fixture
def shared_trainers(monkeypatch):
    """Makes trainings with the same settings share one trainer, which is reset for each of them.

    Tests that compare a resumed run with another run must not use it, because it also resets
    variables that are not part of the trainer's state.
    """
    build = training.build_trainer

    def build_or_reset(config, strategy=None):
        settings = dataclasses.asdict(config.training)
        for name in ("generator_learning_rate", "discriminator_learning_rate"):
            settings[name] = None  # set by the trainer's `set_learning_rates`
        key = repr((settings, config.model, config.data.image_size))
        if key not in _TRAINERS:
            trainer = build(config, strategy)
            variables = [v for group in trainer.state().values() for v in group]
            variables += [v for u in trainer.updates.values() for v in u.guard.variables]
            _TRAINERS[key] = trainer, [(v, v.numpy()) for v in variables]
        trainer, initial_values = _TRAINERS[key]
        for variable, value in initial_values:
            variable.assign(value)
        trainer.config = config.training
        return trainer

    monkeypatch.setattr(training, "build_trainer", build_or_reset)


@pytest.fixture
def quickly_evaluated(monkeypatch):
    """Makes evaluations during training use few faces, and classifiers of faces learn briefly."""
    monkeypatch.setattr(run_actions, "_QUICK_FACES", 100)
    monkeypatch.setattr(image_classifier, "_LEAST_STEPS", 60)


@pytest.fixture(scope="session")
def lfw_archive():
    """Returns the path of the LFW archive: LFW_ARCHIVE, or shared/data next to the checkout."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data" / LFW_NAME
    path = Path(os.environ.get("LFW_ARCHIVE", default))
    if not path.exists():
        pytest.skip(f"the LFW archive is not on this machine (set LFW_ARCHIVE to a {LFW_NAME})")
    return str(path)


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """Yields the address of an empty folder in a bucket that child processes can also access.

    Leases in the bucket have short intervals in this process.
    """
    monkeypatch.setattr(lease, "RENEWED_EVERY", 0.2)
    monkeypatch.setattr(lease, "GIVEN_UP_AFTER", 3.0)
    monkeypatch.setattr(lease, "_SETTLED_AFTER", 0.2)
    with object_store(tmp_path) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield f"{BUCKET}/{uuid.uuid4().hex}"  # TensorFlow caches names for some seconds
