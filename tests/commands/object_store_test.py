"""Photos, records and runs at gs:// addresses, accessed through TensorFlow's client."""

import contextlib
import functools
import json
import signal
import tarfile

import numpy as np
import pytest
from etils import epath
from PIL import Image

from tests.programs import (
    assert_same_checkpoints,
    assert_same_rows,
    command,
    main,
    program,
    run_whole,
)
from tests.training.cluster_test import clusters
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.storage import lease


@pytest.fixture
def store(bucket, photo_folder):
    """Returns the bucket, which contains the photos of `photo_folder`."""
    for path in photo_folder.rglob("*.jpg"):
        copy = epath.Path(bucket) / "photos" / path.relative_to(photo_folder)
        copy.write_bytes(path.read_bytes())
    return epath.Path(bucket)


@pytest.fixture
def flags(store, folder_flags):
    """Returns `folder_flags` with all folders except `--export_dir` in the bucket."""
    folders = {"data_dir": "photos", "cache_dir": "cache", "run_dir": "run"}
    return [*folder_flags, *(f"--{flag}={store / name}" for flag, name in folders.items())]


@pytest.mark.long
@pytest.mark.usefixtures("verified_here", "quickly_evaluated")
def test_a_streamed_run_on_an_archive_is_sampled_evaluated_and_exported(
    store, flags, rng, tmp_path
):
    with tarfile.open(tmp_path / "many.tgz", "w:gz") as archive:
        for number in range(300):
            Image.fromarray(rng.integers(0, 256, (32, 32, 3), np.uint8)).save(tmp_path / "a.png")
            archive.add(tmp_path / "a.png", f"{number}.png")
    (store / "many.tgz").write_bytes((tmp_path / "many.tgz").read_bytes())
    flags = [*flags, f"--data_dir={store / 'many.tgz'}", "--cache=none", "--evaluate_every=2"]
    assert main(*flags) == 0
    assert (tmp_path / "models" / "1" / "saved_model.pb").exists()
    assert main("--mode=sample", f"--run_dir={store / 'run'}", "--count=2") == 0
    assert (store / "run" / "faces" / "000001.png").exists()
    assert main("--mode=evaluate", *flags, "--count=20") == 0
    report = json.loads((store / "run" / "evaluation.json").read_text())
    assert (report["run"], report["step"]) == ("run", 2)


@pytest.mark.slow
@pytest.mark.usefixtures("plain_training")
def test_a_killed_and_resumed_run_equals_a_local_run(store, tmp_path):
    directory = RunDirectory(str(store / "run"))
    flags = functools.partial(command, "train", store / "photos", store / "cache", store / "run")
    intervals = ["--checkpoint_every=2", "--log_every=1"]
    with program(*flags(*intervals, "--max_steps=10000")) as process:
        process.until(lambda: directory.steps()[-1:] > [2])
        process.send_signal(signal.SIGKILL)
        process.wait()
    step = directory.steps()[-1] + 3
    assert (store / "run" / ".lock").exists()
    assert main(*flags(*intervals, f"--max_steps={step}", f"--run_dir={store / 'run'}/")) == 0
    assert not (store / "run" / ".lock").exists()

    local = functools.partial(command, "train", store / "photos", store / "cache", tmp_path / "run")
    run_whole(local(*intervals, f"--max_steps={step}"))
    assert_same_checkpoints(store / "run", tmp_path / "run", step)
    assert_same_rows(store / "run", tmp_path / "run", [*range(1, step + 1)])
    names = {path.name for path in (tmp_path / "run").iterdir() if path.name[0] != "."}
    assert {path.name for path in (store / "run").iterdir()} == names


@pytest.mark.long
def test_two_workers_share_a_run(store):
    """Each worker streams its own record files."""
    flags = command("train", store / "photos", store / "cache", store / "run", "--max_steps=3")
    flags += ["--cache=none", "--shards=2", "--batch_size=2", "--strategy=multiworker"]
    with contextlib.ExitStack() as stack:
        workers = [
            stack.enter_context(program(*flags, environment={"TF_CONFIG": config}))
            for config in clusters(2)
        ]
        assert [worker.wait(300) for worker in workers] == [0, 0]
    assert RunDirectory(str(store / "run")).steps() == [3]


def test_a_second_training_in_a_run_is_refused(store, flags, capsys):
    with RunDirectory(str(store / "run")).locked():
        assert main(*flags) == 1
    assert f"process {lease.me()} is training in {store}/run" in capsys.readouterr().err


def test_missing_places_are_reported_in_one_sentence(store, flags, capsys):
    assert main(*flags, f"--data_dir={store / 'phutos'}") == 1
    assert f"--data_dir: there is no folder or archive {store}/phutos." in capsys.readouterr().err
    assert main(*flags, "--run_dir=gs://other/run") == 1
    assert "--run_dir: cannot write to gs://other/run (" in capsys.readouterr().err
    assert main(*flags, f"--export_dir={store / 'models'}") == 1
    assert "--export_dir must be a folder in a mounted file system" in capsys.readouterr().err
    assert main("--mode=sample", f"--run_dir={store / 'ran'}") == 1
    assert f"there is no run in {store}/ran" in capsys.readouterr().err
    assert main("--mode=profile", f"--run_dir={store / 'run'}") == 1
    assert "--output must be a folder in a mounted file system" in capsys.readouterr().err
