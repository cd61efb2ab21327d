import functools
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from tests.programs import MAIN, main
from tfgan_faces import cli
from tfgan_faces.config import CommandConfig, Config
from tfgan_faces.config.defaults import NO_LIMIT
from tfgan_faces.data.records.synthetic_faces import SyntheticFaces
from tfgan_faces.runs.metrics_csv import MetricsCsv
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.serving.publishing import versions_in


def parse(*arguments):
    return cli.parse(["main.py", *arguments])


def test_without_flags_the_recipe_is_drawn():
    _, config = parse()
    assert config == parse("--recipe=drawn")[1]
    assert config.data.dataset == "drawn"
    assert (config.model.architecture, config.model.width) == ("exercise", 0.5)
    assert config.run.minutes is not None


def test_flags_that_do_not_select_a_training_keep_the_default_recipe():
    _, config = parse("--minutes=9", "--batch_size=8")
    assert (config.run.minutes, config.training.batch_size, config.model.width) == (9, 8, 0.5)


def test_a_given_limit_replaces_the_limits_of_the_recipe():
    run = parse("--max_steps=9000")[1].run
    assert (run.max_steps, run.minutes) == (9000, None)
    run = parse("--minutes=60")[1].run
    assert (run.max_steps, run.minutes) == (NO_LIMIT, 60.0)
    run = parse("--minutes=60", "--max_steps=9000")[1].run
    assert (run.max_steps, run.minutes) == (9000, 60.0)


@pytest.mark.parametrize(
    "flag", ["--dataset=drawn", "--architecture=exercise", "--loss=gan", "--image_size=32"]
)
def test_flags_that_select_a_training_disable_the_default_recipe(flag):
    assert parse(flag) == (CommandConfig(), Config().resolved())


def test_flags_set_the_fields_of_their_sections():
    command, config = parse("--mode=sample", "--count=3", "--loss=wgan", "--noexport", "--crop=0.5")
    assert (command.mode, command.count) == ("sample", 3)
    assert (config.training.loss, config.run.export, config.data.crop) == (
        "wasserstein",
        False,
        0.5,
    )


def test_flags_are_read_from_a_file_and_can_be_overridden(tmp_path):
    (tmp_path / "recipe").write_text("# a comment\n--loss=hinge\n--max_steps=7\n")
    _, config = parse(f"--flagfile={tmp_path / 'recipe'}", "--max_steps=9")
    assert (config.training.loss, config.run.max_steps) == ("hinge", 9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--max_step=5"], "Unknown command line flag 'max_step'. Did you mean: max_steps"),
        (
            ["--mode=draw"],
            "value should be one of <train|prepare|plan|sample|walk|interpolate|",
        ),
        (["--max_steps=many"], "--max_steps=many"),
        (["--max_steps=0"], "--max_steps must be at least 1. Received: 0"),
        (["--batch_size=-3"], "--batch_size must be at least 1"),
        (["--crop=2"], "--crop must be at most 1.0"),
        (["--truncation=1.5"], "--truncation must be at most 1.0"),
        (["--dataset=folder"], "needs --data_dir=PATH"),
        (["--data_dir=photos"], "add --dataset=folder"),
        (["--loss=wgan", "--balance=margin"], "--balance must be none"),
        (["--augment=flip"], "--augment must be none, auto or a list"),
        (["photos"], "photos is not a flag"),
        (["--flagfile=/nowhere/at/all"], "/nowhere/at/all"),
    ],
)
def test_an_invalid_flag_gives_one_line_and_exit_code_1(arguments, message, capsys):
    assert main(*arguments) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("tfgan-faces: ")
    assert message in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--help"], ["--max_steps=0"], ["--nonsense"]])
def test_help_and_flag_errors_do_not_import_tensorflow(arguments):
    code = (
        "import sys\nfrom tfgan_faces import cli\n"
        f"code = cli.main(['main.py', *{arguments!r}])\n"
        "sys.exit(9 if {'tensorflow', 'keras'} & sys.modules.keys() else code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == (0 if arguments == ["--help"] else 1), done.stderr
    assert "Traceback" not in done.stderr


def test_help_lists_every_flag_with_its_default():
    text = cli.help_text()
    for section in (CommandConfig(), *vars(Config()).values()):
        for name, value in vars(section).items():
            assert f"--{name}=" in text
            if value is not None:
                assert f"(default: {value})" in text


@pytest.mark.slow
@pytest.mark.usefixtures("verified_here", "shared_trainers")
def test_a_complete_run_and_its_errors(folder_flags, photo_folder, tmp_path, capsys):
    """Trains, resumes and uses a run in all modes, and checks the errors of each step."""
    run = tmp_path / "run"
    run_flag = f"--run_dir={run}"
    export_flag = f"--export_dir={tmp_path / 'models'}"
    # Errors before the first training.
    assert main("--mode=sample", run_flag) == 1
    assert "train one first" in capsys.readouterr().err
    assert main(*folder_flags, "--batch_size=64") == 1
    assert (
        "--batch_size must be at most the number of photos to train on, 9"
        in capsys.readouterr().err
    )
    assert main(*folder_flags, "--image_size=48") == 1
    assert "--image_size must be 32, 64 or 128" in capsys.readouterr().err
    assert not (run / "config.json").exists()
    # The first training.
    assert main(*folder_flags) == 0
    assert {
        "checkpoints", "config.json", "metrics.csv", "monitor.png", "samples", "tensorboard",
        "training.gif", "walk.gif",
    } <= set(os.listdir(run))  # fmt: skip
    assert sorted(os.listdir(run / "samples")) == ["step_000000.png", "step_000002.png"]
    assert versions_in(tmp_path / "models") == ["1"]
    # Resuming the run, and training for more steps.
    assert main(*folder_flags) == 0
    assert "has already been trained for 2 steps" in capsys.readouterr().err
    assert versions_in(tmp_path / "models") == ["1"]
    assert main(*folder_flags, "--max_steps=3") == 0
    assert versions_in(tmp_path / "models") == ["1", "2"]
    steps = [line.split(",")[0] for line in (run / "metrics.csv").read_text().splitlines()]
    assert steps == ["step", "1", "2", "3"]
    # Changed settings.
    capsys.readouterr()
    assert main(*folder_flags, "--seed=5") == 1
    assert "training.seed is 5, the run's is 0" in capsys.readouterr().err
    # Using the run.
    faces = tmp_path / "faces"
    assert main("--mode=sample", run_flag, "--count=3", "--seed=7", f"--output={faces}") == 0
    assert sorted(os.listdir(faces)) == ["000000.png", "000001.png", "000002.png", "grid.png"]
    assert main("--mode=walk", run_flag, f"--output={tmp_path / 'w.gif'}") == 0
    assert (tmp_path / "w.gif").exists()
    assert main("--mode=export", run_flag, export_flag) == 0
    assert versions_in(tmp_path / "models") == ["1", "2", "3"]
    # Exploring the latent space.
    images = [("interpolate", "3,7"), ("arithmetic", "1,2-3+4,5"), ("truncation", "1,2")]
    for mode, seeds in images:
        image = tmp_path / f"{mode}.png"
        assert main(f"--mode={mode}", run_flag, f"--seeds={seeds}", f"--output={image}") == 0
        assert image.exists()
    photo = f"--image={photo_folder / 'Ann' / '0.jpg'}"
    assert main("--mode=project", run_flag, photo, f"--output={tmp_path / 'p.png'}") == 0
    assert (tmp_path / "p.png").exists()
    latents = f"--latents={tmp_path / 'p.npy'}"
    assert main("--mode=sample", run_flag, latents, f"--output={tmp_path / 'latent'}") == 0
    assert sorted(os.listdir(tmp_path / "latent")) == ["000000.png", "grid.png"]
    for mode in ("walk", "interpolate"):
        output = f"--output={tmp_path / 'latent' / mode}.{'gif' if mode == 'walk' else 'png'}"
        assert main(f"--mode={mode}", run_flag, latents, "--seeds=3", output) == 0
    (tmp_path / "text.npy").write_text("no array")
    (tmp_path / "empty.npy").write_bytes(b"")
    (tmp_path / "damaged.npz").write_bytes(b"PK\x03\x04 and no more")
    np.save(tmp_path / "short.npy", np.zeros((2, 3)))
    capsys.readouterr()
    for arguments, message in (
        (["--mode=interpolate", "--seeds=3"], "--seeds must be 2 or more seeds"),
        (["--mode=interpolate"], "--seeds must be 2 or more seeds"),
        (["--mode=arithmetic", "--seeds=3"], "--seeds must be groups of seeds"),
        (["--mode=interpolate", "--seeds=3,99999999999999999999"], "seeds up to 2147483647"),
        (["--mode=arithmetic", "--seeds=3-99999999999999999999"], "at most 2147483647"),
        (["--mode=walk", latents], "--latents with a single face needs --seeds"),
        (["--mode=sample", f"--latents={tmp_path / 'text.npy'}"], "text.npy cannot be read"),
        (["--mode=sample", f"--latents={tmp_path / 'empty.npy'}"], "empty.npy cannot be read"),
        (["--mode=sample", f"--latents={tmp_path / 'damaged.npz'}"], "damaged.npz cannot be read"),
        (
            ["--mode=sample", f"--latents={tmp_path / 'short.npy'}"],
            "must be finite numbers of shape [8]",
        ),
        (["--mode=project"], "needs --image=PHOTO"),
        (["--mode=project", "--image=none.jpg"], "--image: none.jpg cannot be read"),
        (["--mode=evaluate"], "needs at least 10 photos that were held out"),
        (["--mode=evaluate", "--count=3"], "--count must be at least 20"),
        (["--mode=sample", "--checkpoint=best"], "--checkpoint: the run in"),
    ):
        assert main(*arguments, run_flag, f"--cache_dir={tmp_path / 'cache'}") == 1
        errors = capsys.readouterr().err
        assert message in errors
        assert "Traceback" not in errors
    # A damaged checkpoint is skipped in favour of the one before.
    data = run / "checkpoints" / "step_000003" / "state.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:100])
    capsys.readouterr()
    assert main("--mode=sample", run_flag) == 0
    assert "step_000003 is damaged" in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.usefixtures("quickly_evaluated", "plain_training")
def test_drawn_faces_are_evaluated_during_and_after_training(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(SyntheticFaces, "of", functools.partial(SyntheticFaces.of, count=400))
    run = tmp_path / "run"
    flags = [
        f"--cache_dir={tmp_path / 'cache'}",
        f"--run_dir={run}",
        "--recipe=modern",
        "--image_size=16",
        "--width=0.25",
        "--noexport",
        "--max_steps=4",
        "--evaluate_every=2",
    ]
    assert main(*flags) == 0
    assert [row["step"] for row in RunDirectory(str(run)).distances().rows] == [2, 4]
    assert RunDirectory(str(run)).steps("best")
    # Folders may have been moved, but the photos must be those of the run.
    best = ["--mode=evaluate", "--checkpoint=best", "--count=200", "--detector"]
    assert main(*best, f"--run_dir={run}", f"--cache_dir={tmp_path / 'cache'}") == 0
    assert "Frechet distance to held-out people" in capsys.readouterr().err
    report = json.loads((run / "evaluation.json").read_text())
    assert len(report["history"]) == 2
    found = {row["name"]: row["real"] for row in report["measurements"]}
    assert found["share with a face (score above 0.5)"] > 0.5  # of drawn faces
    assert sum(report["attributes"]["fakes"]["glasses"].values()) == pytest.approx(1.0)
    assert (run / "evaluation.html").exists()


@pytest.mark.long
@pytest.mark.parametrize(("architecture", "size"), [("modern", 16), ("light", 256), ("slim", 256)])
@pytest.mark.usefixtures("plain_training")
def test_the_smallest_and_largest_sizes_train_and_export(
    folder_flags, tmp_path, architecture, size
):
    flags = [f"--architecture={architecture}", f"--image_size={size}", "--width=0.125"]
    assert main(*folder_flags, *flags) == 0
    served = tf.saved_model.load(str(tmp_path / "models" / "1"))
    images = served.signatures["sample"](seed=tf.constant([0], tf.int64))["images"]
    assert images.shape == (1, size, size, 3)


def test_unwritable_folders_are_reported_before_training(folder_flags, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    for flag in ("run_dir", "export_dir", "cache_dir"):
        assert main(*folder_flags, f"--{flag}={tmp_path / 'file' / 'x'}") == 1
        assert f"--{flag}: cannot write to" in capsys.readouterr().err


def test_prepare_reports_skipped_files(folder_flags, photo_folder, capsys):
    (photo_folder / "Ann" / "bad.jpg").write_bytes(b"")
    assert main("--mode=prepare", *folder_flags) == 0
    errors = capsys.readouterr().err
    assert "9 photos of 32x32 pixels" in errors
    assert "Skipped 1 other files. The first is Ann/bad.jpg" in errors


@pytest.mark.slow
def test_prepare_with_beam(folder_flags, photo_folder, tmp_path, capsys):
    (photo_folder / "Ann" / "bad.jpg").write_bytes(b"")
    beam = ["--beam_runner=FnApiRunner", "--beam_options=--direct_num_workers=1", "--shards=3"]
    assert main("--mode=prepare", *folder_flags, *beam) == 0
    errors = capsys.readouterr().err
    assert "9 photos of 32x32 pixels" in errors
    assert "Skipped 1 other files. The first is Ann/bad.jpg" in errors
    assert len(list((tmp_path / "cache").rglob("*.tfrecord-*-of-00003"))) == 3


def test_plan_calculates_the_time_on_many_devices(tmp_path, capsys):
    flags = [f"--run_dir={tmp_path / 'run'}", "--width=0.25", "--batch_size=16", "--devices=4"]
    assert main("--mode=plan", *flags, "--photos=1000000", "--network=1") == 0
    output = capsys.readouterr().out
    assert "4, each with 4 of 16 images" in output
    weights = sum(
        int(re.search(rf"weights of the {name} +([\d,]+)", output)[1].replace(",", ""))
        for name in ("generator", "discriminator")
    )
    sent = float(re.search(r"sent by each device per step +([\d.]+) MiB", output)[1])
    assert sent == pytest.approx(1.5 * 4 * weights / 2**20, abs=0.06)
    assert "hours per epoch" in output
    assert main("--mode=plan", *flags, "--batch_size=15") == 1
    assert "must be a multiple of the number of devices, 4. Received: 15" in capsys.readouterr().err


def test_plan_prints_sizes_and_times_without_starting_a_run(tmp_path, capsys):
    run = f"--run_dir={tmp_path / 'run'}"
    assert main("--mode=plan", run, "--width=0.25", "--loss=wgan", "--minutes=60") == 0
    printed = capsys.readouterr().out
    assert re.search(r"^weights of the generator +[\d,]+$", printed, re.M)
    assert re.search(r"^time to finish +60 minutes, [\d,]+ steps$", printed, re.M)
    assert not (tmp_path / "run").exists()
    assert main("--mode=plan", run, "--batch_size=100000000") == 1
    assert "use a smaller --batch_size" in capsys.readouterr().err


def test_plan_refuses_networks_that_a_training_could_not_begin_with(tmp_path, capsys):
    source = [f"--run_dir={tmp_path}", "--init_from=lfw-64", "--dataset=drawn"]
    assert main("--mode=plan", *source, "--image_size=32") == 1
    assert "--image_size is 32, the run's is 64" in capsys.readouterr().err


def test_profile_prints_operation_times_without_starting_a_run(folder_flags, tmp_path, capsys):
    run, trace = tmp_path / "profiled", tmp_path / "trace"
    assert main("--mode=profile", *folder_flags, f"--run_dir={run}", f"--output={trace}") == 0
    printed = capsys.readouterr().out
    assert re.search(r"Conv2D\S* +\d+\.\d +\d+ +\d+\.\d%", printed)
    assert list(trace.rglob("*.xplane.pb"))
    assert not run.exists()


@pytest.mark.usefixtures("plain_training")
def test_training_with_reused_fakes_and_several_steps_per_call(folder_flags, tmp_path):
    run = tmp_path / "run"
    flags = ["--reuse_fakes", "--steps_per_call=3", "--max_steps=5", "--log_every=4", "--noexport"]
    flags.append("--width=0.1")
    assert main(*folder_flags, *flags, f"--run_dir={run}", "--precision=mixed_float16") == 0
    rows = MetricsCsv(run / "metrics.csv").rows
    assert [row["step"] for row in rows] == [4, 5]
    assert all(0.0 <= row["input_wait"] < 1.0 for row in rows)


@pytest.mark.parametrize("flag", ["--debug", "-debug", "--debug=true"])
def test_debug_prints_the_traceback_of_an_error(flag, capsys):
    assert main("--loss=wgan", "--balance=margin", flag) == 1
    errors = capsys.readouterr().err
    assert "Traceback" in errors
    assert "in _check_balance" in errors
    assert errors.splitlines()[-1].startswith("tfgan-faces: --balance must be none")
    assert main("--loss=wgan", "--balance=margin", "--nodebug") == 1
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("{program} --help | head -1; exit ${{PIPESTATUS[0]}}", {0, 141}),
        ("{program} --help 2>&- >/dev/null", {0}),
        ("{program} --max_steps=0 2>&-", {1}),
        ("{program} --help <&- >&-", {0}),
    ],
)
def test_closed_streams_cause_no_errors(command, code):
    program = f"{sys.executable} {MAIN}"
    done = subprocess.run(
        ["bash", "-c", command.format(program=program)], capture_output=True, text=True, check=False
    )
    assert done.returncode in code
    assert "Traceback" not in done.stderr


def test_photos_that_were_moved_are_found_without_naming_the_data_set_again():
    _, config = parse("--mode=evaluate", "--run_dir=runs/mine", "--data_dir=moved")
    assert config.data.data_dir.endswith("moved")


def test_paths_of_a_call_may_begin_with_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    command, _ = parse("--mode=project", "--image=~/a.jpg", "--output=~/b.png")
    assert (command.image, command.output) == (f"{tmp_path}/a.jpg", f"{tmp_path}/b.png")
