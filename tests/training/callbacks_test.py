"""Built-in and custom Keras callbacks in a training."""

import csv

import keras
import numpy as np
import pytest

import tfgan_faces as tg
from tests.programs import main
from tfgan_faces.commands import training
from tfgan_faces.errors import CollapseError
from tfgan_faces.training.callbacks import KerasCallbacks

SMALL = {"image_size": 32, "width": 0.1}


class StopAt(keras.callbacks.Callback):
    """Ends the training at a step, and records its calls."""

    def __init__(self, step):
        super().__init__()
        self.step, self.calls = step, []

    def on_train_begin(self, logs=None):
        self.calls.append("begin")

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append(epoch)
        self.logs = logs
        self.model.stop_training = epoch >= self.step

    def on_train_end(self, logs=None):
        self.calls.append("end")


@pytest.fixture(scope="module")
def trainer():
    settings = tg.TrainingConfig(batch_size=4, precision="float32", balance="none")
    return tg.Trainer(
        tg.build_generator("exercise", latent_dim=4, **SMALL),
        tg.build_discriminator("exercise", **SMALL),
        tg.Config(training=settings).resolved().training,
    )


@pytest.fixture
def batches(rng):
    return tg.batches(rng.integers(0, 256, (12, 32, 32, 3), np.uint8), batch_size=4, seed=0)


def test_fit_calls_callbacks_every_few_steps_and_at_the_last_step(trainer, batches, tmp_path):
    first, seen = int(trainer.step), []
    callbacks = [
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
        keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, logs))),
    ]
    measures = trainer.fit(batches, 5, callbacks, log_every=2 if first % 2 == 0 else 1)
    with open(tmp_path / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [step for step, _ in seen]
    assert seen[-1][0] == first + 5
    assert seen[-1][1] == measures
    assert float(rows[-1]["discriminator_loss"]) == measures["discriminator_loss"]
    assert 0.0 <= measures["real_success"] <= 1.0


def test_a_callback_ends_fit(trainer, batches):
    first = int(trainer.step)
    stop = StopAt(first + 2)
    trainer.fit(batches, 50, [stop], log_every=1)
    assert stop.calls == ["begin", first + 1, first + 2, "end"]
    assert int(trainer.step) == first + 2
    trainer.fit(batches, 1)  # the stop does not persist
    assert int(trainer.step) == first + 3


def test_the_callbacks_model_is_the_averaged_generator(trainer, batches, tmp_path):
    path = tmp_path / "best.weights.h5"
    checkpoint = keras.callbacks.ModelCheckpoint(
        path, "generator_loss", mode="min", save_best_only=True, save_weights_only=True
    )
    board = keras.callbacks.TensorBoard(tmp_path / "board")
    trainer.fit(batches, 2, [checkpoint, board], log_every=1)
    assert path.exists()
    assert any((tmp_path / "board").rglob("events.*"))
    with pytest.raises(ValueError, match="Optimizer must have"):
        trainer.fit(batches, 1, [keras.callbacks.LearningRateScheduler(lambda epoch: 0.1)], 1)


def test_a_failing_callback_does_not_hide_why_the_training_ended(trainer):
    class Failing(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            raise KeyError("generator_loss")

    with pytest.raises(KeyError), KerasCallbacks([Failing()], trainer.averaged_generator):
        pass
    with (
        pytest.raises(CollapseError),
        KerasCallbacks([Failing()], trainer.averaged_generator),
    ):
        raise CollapseError(7, "samples_alike")


@pytest.mark.slow
@pytest.mark.usefixtures("shared_trainers", "plain_training")
def test_a_run_ended_by_a_callback_has_a_checkpoint_and_resumes(folder_flags, tmp_path):
    from tfgan_faces.cli import parse

    flags = [*folder_flags, "--max_steps=9", "--log_every=2", "--checkpoint_every=100"]
    config = parse(["main.py", *flags, "--noexport"])[1]
    stop = StopAt(4)
    directory = training.train(config, [stop])
    assert stop.calls == ["begin", 2, 4, "end"]
    assert stop.logs.keys() >= {"discriminator_loss", "fooling_success", "generator_skipped"}
    assert directory.steps() == [4]
    assert main(*flags, "--noexport") == 0
    assert directory.steps()[-1] == 9
