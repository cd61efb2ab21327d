"""Trainings that are stopped, killed, rolled back or started twice."""

import json
import os
import signal

import numpy as np
import pytest

from tests.programs import assert_same_checkpoints, assert_same_rows, main, program, run_whole
from tfgan_faces.commands import training
from tfgan_faces.commands.setup import Setup
from tfgan_faces.config import Config
from tfgan_faces.data.batches import pipeline
from tfgan_faces.data.batches.photos_in_memory import PhotosInMemory
from tfgan_faces.errors import NonFiniteError
from tfgan_faces.runs.metrics_csv import MetricsCsv
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.serving import loaded_versions
from tfgan_faces.training import collapse


def stop(number, flags, run):
    """Stops a training with a signal after its first row; returns the step that it reached."""
    with program(*flags, f"--run_dir={run}") as process:
        process.until(lambda: MetricsCsv(run / "metrics.csv").rows)
        process.send_signal(number)
        assert process.wait(10) == 128 + number
        output = process.output
    (step,) = RunDirectory(str(run)).steps()
    assert f"stopped at step {step} and saved a checkpoint" in output
    assert "Traceback" not in output
    return step


@pytest.mark.long
@pytest.mark.usefixtures("plain_training")
def test_a_wgan_stopped_during_its_bursts_equals_an_uninterrupted_run(folder_flags, tmp_path):
    flags = [
        *folder_flags,
        "--loss=wgan",
        "--critic_bursts",
        "--max_steps=3",
        "--checkpoint_every=100",
        "--noexport",
    ]
    flags.append("--width=0.1")
    stopped, whole = tmp_path / "stopped", tmp_path / "whole"
    assert 0 < stop(signal.SIGTERM, flags, stopped) < 3
    for run in (stopped, whole):
        run_whole([*flags, f"--run_dir={run}"])
    assert_same_checkpoints(stopped, whole, 3)


@pytest.mark.slow
@pytest.mark.usefixtures("plain_training")
def test_a_run_stopped_by_ctrl_c_and_then_killed_equals_an_uninterrupted_run(
    folder_flags, tmp_path
):
    """SIGKILL arrives between two checkpoints. Weights and rows are equal bit for bit."""
    flags = [*folder_flags, "--max_steps=60", "--log_every=7", "--sample_every=30", "--noexport"]
    flags.append("--balance=l2")
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    assert 0 < stop(signal.SIGINT, [*flags, "--checkpoint_every=100"], killed) < 60
    flags.append("--checkpoint_every=10")
    with program(*flags, f"--run_dir={killed}") as process:
        process.until(
            lambda: any(row["step"] > 20 for row in MetricsCsv(killed / "metrics.csv").rows)
        )
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert 60 not in RunDirectory(str(killed)).steps()
    for run in (killed, whole):
        run_whole([*flags, f"--run_dir={run}"])
    assert_same_checkpoints(killed, whole, 60)
    assert_same_rows(killed, whole, [*range(7, 60, 7), 60])


def test_the_photos_of_a_batch_with_non_finite_results_are_saved(tmp_path, rng):
    photos = rng.integers(0, 256, (40, 8, 8, 3), np.uint8)
    photos = PhotosInMemory(photos, np.arange(40))
    setup = Setup(Config().resolved(), None, photos, photos[:0])
    with (
        pytest.raises(NonFiniteError, match=r"stopped\. The photos .* saved in .*_turn_7\.npz"),
        training._saving_failed_batch(setup, RunDirectory(str(tmp_path))),
    ):
        raise NonFiniteError("stopped.", 7)
    expected = next(iter(pipeline.batches(photos, 32, 0, first_iteration=7)))
    np.testing.assert_array_equal(np.load(tmp_path / "not_finite_turn_7.npz")["photos"], expected)


@pytest.mark.slow
@pytest.mark.usefixtures("shared_trainers", "plain_training")
def test_a_collapsed_training_is_rolled_back_or_stopped(
    folder_flags, tmp_path, capsys, monkeypatch
):
    run = tmp_path / "run"
    alike = iter([False, True])  # a warning at step 4 only
    monkeypatch.setattr(collapse, "samples_alike", lambda images, spread: next(alike, False))
    flags = [*folder_flags, "--sample_every=2", "--checkpoint_every=1", "--noexport"]
    assert main(*flags, "--max_steps=6", "--on_collapse=rollback") == 0
    assert json.loads((run / "rollbacks.json").read_text()) == [
        {"step": 4, "warning": "samples_alike", "to": 3}
    ]
    assert "Rolling back to step 3" in capsys.readouterr().err
    rows = MetricsCsv(run / "metrics.csv").rows
    assert [(row["step"], row["warning"]) for row in rows] == [(step, "") for step in range(1, 7)]
    # A resumed run uses the learning rates of the rollback.
    build, rates = training.build_trainer, []

    def build_and_record(config, strategy):
        rates.append(config.training.generator_learning_rate)
        return build(config, strategy)

    monkeypatch.setattr(training, "build_trainer", build_and_record)
    assert main(*flags, "--max_steps=7", "--on_collapse=rollback") == 0
    assert rates == [3e-4, 1.5e-4]
    monkeypatch.setattr(collapse, "samples_alike", lambda images, spread: True)
    assert main(*flags, "--max_steps=8", "--on_collapse=stop") == 1
    assert "collapsed by step 8 (samples_alike) (--on_collapse=stop)" in capsys.readouterr().err
    assert main(*flags, "--max_steps=20", "--on_collapse=rollback") == 1
    errors = capsys.readouterr().err
    assert "after 3 rollbacks; try other settings" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("name", ["[exp 1] *?{c}", "back\\slash 'ü\" %20#1"])
@pytest.mark.usefixtures("shared_trainers", "plain_training", "verified_here")
def test_folder_names_may_contain_special_characters(folder_flags, photo_folder, tmp_path, name):
    """TensorFlow treats brackets and backslashes as patterns when it restores variables."""
    parent = tmp_path / name
    parent.mkdir()
    photo_folder.rename(parent / "photos")
    folders = [f"--data_dir={parent / 'photos'}", f"--cache_dir={parent / 'cache'}"]
    folders += [f"--run_dir={parent / 'run'}", f"--export_dir={parent / 'models'}"]
    for steps in (2, 3):  # the second call resumes the run
        assert main(*folder_flags, *folders, f"--max_steps={steps}") == 0
    assert main("--mode=sample", f"--run_dir={parent / 'run'}", "--count=2") == 0
    assert (parent / "models" / "2" / "saved_model.pb").exists()
    assert loaded_versions.LoadedVersion(str(parent / "models" / "2")).number == 2


@pytest.mark.usefixtures("shared_trainers", "plain_training")
def test_photos_may_be_moved_but_must_be_the_same(folder_flags, photo_folder, tmp_path, capsys):
    assert main(*folder_flags, "--noexport") == 0
    moved = photo_folder.rename(tmp_path / "elsewhere")
    flags = [*folder_flags, f"--data_dir={moved}", "--noexport"]
    assert main(*flags, "--max_steps=3") == 0
    assert RunDirectory(str(tmp_path / "run")).config().data.data_dir == str(moved)
    rows = MetricsCsv(tmp_path / "run" / "metrics.csv").rows
    assert [row["step"] for row in rows] == [1, 2, 3]
    next(moved.glob("Bob/*.jpg")).unlink()
    assert main(*flags, "--max_steps=4") == 1
    assert "the photos have changed since the run" in capsys.readouterr().err


def test_the_best_checkpoint_needs_evaluations(folder_flags, tmp_path, capsys):
    assert main(*folder_flags, "--checkpoint=best") == 1
    assert "--checkpoint=best needs --evaluate_every=STEPS" in capsys.readouterr().err
    assert not (tmp_path / "run" / "config.json").exists()  # before the training, not after it


def test_a_second_training_in_the_same_folder_is_refused(folder_flags, tmp_path, capsys):
    with RunDirectory(str(tmp_path / "run")).locked():
        assert main(*folder_flags) == 1
    assert f"process {os.getpid()} is training in" in capsys.readouterr().err


@pytest.mark.usefixtures("shared_trainers", "plain_training")
def test_minutes_include_the_time_before_a_resume(folder_flags, tmp_path, capsys):
    flags = [flag for flag in folder_flags if not flag.startswith("--max_steps")]
    flags += ["--noexport", f"--run_dir={tmp_path / 'timed'}"]
    assert main(*flags, "--minutes=0.0001") == 0
    assert "are held out for evaluation" in capsys.readouterr().err
    steps = RunDirectory(str(tmp_path / "timed")).steps()
    assert steps == [1]  # no step starts after the time limit
    assert main(*flags, "--minutes=0.0001") == 0
    assert "been trained for 0.0001 minutes; increase --minutes" in capsys.readouterr().err
    assert RunDirectory(str(tmp_path / "timed")).steps() == steps


def test_a_training_can_start_from_the_networks_of_another(folder_flags, tmp_path, capsys):
    assert main(*folder_flags, "--noexport") == 0
    flags = [flag for flag in folder_flags if "width" not in flag and "run_dir" not in flag]
    second = f"--run_dir={tmp_path / 'second'}"
    source = f"--init_from={tmp_path / 'run'}"
    assert main(*flags, second, source, "--noexport", "--freeze_d=1") == 0
    assert "at step 2" in capsys.readouterr().err
    directory = RunDirectory(str(tmp_path / "second"))
    assert directory.steps() == [2]
    assert directory.config().model.width == 0.25
    assert directory.config().training.init_from == str(tmp_path / "run")
    assert main(*flags, second, source, "--width=0.5") == 1
    assert "--run_dir" in capsys.readouterr().err
    third = f"--run_dir={tmp_path / 'third'}"
    assert main(*flags, third, source, "--width=0.5") == 1
    assert "--init_from" in capsys.readouterr().err


@pytest.mark.usefixtures("plain_training")
def test_a_run_without_dropout_can_be_read_and_started_from(folder_flags, tmp_path, capsys):
    """Keras gives a layer that was built without dropout no seed, unlike one that lost it later."""
    assert main(*folder_flags, "--dropout=0", "--max_steps=1", "--noexport") == 0  # writes a walk
    generator, step = RunDirectory(str(tmp_path / "run")).averaged_generator()
    assert (generator.output_shape, step) == ((None, 32, 32, 3), 1)
    flags = [*folder_flags, f"--run_dir={tmp_path / 'second'}", f"--init_from={tmp_path / 'run'}"]
    assert main(*flags, "--dropout=1", "--max_steps=1", "--noexport") == 0
    assert "begin as those of" in capsys.readouterr().err


def test_larger_images_can_start_from_the_networks_of_smaller_ones(folder_flags, tmp_path, capsys):
    flags = [flag for flag in folder_flags if "size" not in flag and "run_dir" not in flag]
    small, large = (f"--run_dir={tmp_path / name}" for name in ("small", "large"))
    networks = ["--architecture=slim", "--image_size=32"]
    assert main(*flags, *networks, small, "--batch_size=4", "--noexport") == 0
    source = [f"--init_from={tmp_path / 'small'}", "--image_size=64"]
    assert main(*flags, large, *source, "--noexport") == 0
    assert "at step 2" in capsys.readouterr().err
    directory = RunDirectory(str(tmp_path / "large"))
    assert directory.config().data.image_size == 64
    assert directory.averaged_generator()[0].output_shape == (None, 64, 64, 3)
    assert main(*flags, large, "--max_steps=3", "--noexport") == 0  # resumes, and grows no more
    assert "The networks begin" not in capsys.readouterr().err
    assert directory.steps()[-1] == 3
