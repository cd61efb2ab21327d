import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_faces as tg
from tests.programs import main
from tfgan_faces import models
from tfgan_faces.errors import UserError
from tfgan_faces.evaluation.face_network import build_face_network
from tfgan_faces.machine.keras_settings import check_backend, own_settings


def home(tmp_path, **settings):
    (tmp_path / "keras.json").write_text(json.dumps(settings))
    return {"KERAS_HOME": str(tmp_path)}


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_another_backend_is_rejected_with_advice(tmp_path, backend):
    with pytest.raises(UserError, match=f"set KERAS_BACKEND=tensorflow. Received: {backend}"):
        check_backend({"KERAS_BACKEND": backend})
    with pytest.raises(UserError, match=rf"Received: {backend} \(backend in .*keras.json\)"):
        check_backend(home(tmp_path, backend=backend))


def test_the_environment_takes_precedence_over_the_file(tmp_path):
    check_backend({**home(tmp_path, backend="jax"), "KERAS_BACKEND": "tensorflow"})


@pytest.mark.parametrize("content", ["", "[]", '{"backend": "tensorflow"}', "{}"])
def test_files_without_another_backend_are_accepted(tmp_path, content):
    (tmp_path / "keras.json").write_text(content)
    check_backend({"KERAS_HOME": str(tmp_path)})
    check_backend({"KERAS_HOME": str(tmp_path / "nowhere")})


def test_the_program_and_the_library_report_another_backend(monkeypatch, capsys):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert main("--mode=plan", "--width=0.25") == 1
    assert (
        "tfgan-faces: tfgan_faces requires Keras with the TensorFlow backend"
        in capsys.readouterr().err
    )
    for name in ("Trainer", "layers"):
        with pytest.raises(UserError, match="KERAS_BACKEND=tensorflow"):
            tg.__getattr__(name)


@pytest.fixture
def channels_first():
    """User settings of Keras that differ from the defaults."""
    before = keras.config.image_data_format(), keras.config.dtype_policy()
    keras.config.set_image_data_format("channels_first")
    keras.config.set_dtype_policy("mixed_float16")
    yield
    assert keras.config.image_data_format() == "channels_first"  # restored
    assert keras.config.dtype_policy().name == "mixed_float16"
    keras.config.set_image_data_format(before[0])
    keras.config.set_dtype_policy(before[1])


@pytest.mark.usefixtures("channels_first")
@pytest.mark.parametrize("name", models.ARCHITECTURES)
def test_networks_ignore_the_image_data_format_of_keras(name):
    generator = models.build_generator(name, 32, 8, width=0.1, precision="float32")
    discriminator = models.build_discriminator(name, 32, width=0.1, precision="float32")
    assert generator.output_shape == discriminator.input_shape == (None, 32, 32, 3)
    assert keras.models.clone_model(generator).output_shape == (None, 32, 32, 3)
    assert discriminator(generator(np.zeros((2, 8), np.float32))).shape == (2, 1)


@pytest.mark.usefixtures("channels_first")
def test_the_face_network_ignores_the_image_data_format_of_keras():
    assert build_face_network()(np.zeros((1, 64, 64, 3), np.float32)).shape == (1, 128)


def test_settings_are_restored_after_an_error():
    with pytest.raises(RuntimeError, match="no"), own_settings("float16"):
        raise RuntimeError("no")
    assert keras.config.dtype_policy().name == "float32"


def test_a_training_step_can_run_eagerly():
    """The usual way to debug a step."""
    config = tg.Config(training=tg.TrainingConfig(batch_size=2, precision="float32")).resolved()
    trainer = tg.Trainer(
        tg.build_generator("exercise", 32, 4, width=0.1),
        tg.build_discriminator("exercise", 32, width=0.1),
        config.training,
    )
    photos = np.zeros((5, 32, 32, 3), np.uint8)
    tf.config.run_functions_eagerly(True)
    try:
        measures = trainer.train_step(iter(tg.batches(photos, batch_size=2, seed=0)))
    finally:
        tf.config.run_functions_eagerly(False)
    assert np.isfinite(measures["discriminator_loss"])
