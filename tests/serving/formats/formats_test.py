"""Every architecture in every format, with the format's own runtime."""

import importlib
import json
import os
import sys

import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
import tf2onnx

from tests.latents.golden import GOLDEN, LATENT_DIM, PLACES
from tests.programs import main
from tfgan_faces.config.formats import FORMATS
from tfgan_faces.errors import UserError
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.models import ARCHITECTURES, build_generator
from tfgan_faces.runs.pretrained import unpack_pretrained
from tfgan_faces.serving import formats, verify_formats
from tfgan_faces.serving.formats import graphs
from tfgan_faces.serving.formats.folder import CARD

CONVERTED = ("keras", "litert", "onnx")  # formats with a runtime for Python


def export(name, generator, output, card, weights="float32"):
    return formats.export(name, generator, output, card, formats.Options(weights))


def verify_here(folder, expected, tolerance, script):
    """Does the same as `verify`, but in this process."""
    assert script == formats_script()
    files = {path.stem: path for path in folder.iterdir()}
    for name, (inputs, images) in expected.items():
        verify_formats.compare(files[name], inputs, images, tolerance)


def formats_script():
    from tfgan_faces.serving.verification import FORMATS_SCRIPT

    return FORMATS_SCRIPT


@pytest.fixture
def verified_here(monkeypatch):
    for name in CONVERTED:
        module = importlib.import_module(f"tfgan_faces.serving.formats.{name}_format")
        monkeypatch.setattr(module, "verify", verify_here)


@pytest.fixture(scope="module")
def generator():
    return build_generator("light", 16, latent_dim=8, width=0.25)


@pytest.mark.parametrize("name", CONVERTED)
@pytest.mark.parametrize("architecture", sorted(ARCHITECTURES))
@pytest.mark.usefixtures("verified_here")
def test_every_architecture_can_be_exported_in_every_format(architecture, name, tmp_path):
    """The images are compared during the export, at batches of 7 and 1."""
    size = 64 if architecture in ("blog", "dcgan") else 32
    generator = build_generator(architecture, size, latent_dim=8, width=0.125)
    for file in export(name, generator, str(tmp_path / name), {"name": "tiny"}):
        assert (tmp_path / name / file).stat().st_size > 1000
    assert json.loads((tmp_path / name / CARD).read_text())["name"] == "tiny"


@pytest.mark.parametrize("name", CONVERTED)
@pytest.mark.usefixtures("verified_here")
def test_a_generator_with_labels_can_be_exported_in_every_format(name, tmp_path):
    labels = {"serious": 0.6, "smiling": 0.4}
    generator = build_generator("light", 16, latent_dim=8, width=0.125, labels=labels)
    assert export(name, generator, str(tmp_path / name), {})


def test_a_seed_gives_the_noise_of_every_runtime_in_onnx():
    make = tf.function(
        lambda seed: {"latents": latents_from_seeds(seed, LATENT_DIM)},
        input_signature=[tf.TensorSpec([None], tf.int64, "seed")],
    )
    model, _ = tf2onnx.convert.from_function(make, make.input_signature, opset=18)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (found,) = session.run(None, {"seed": np.array([*GOLDEN], np.int64)})
    np.testing.assert_allclose(found[:, PLACES], [*GOLDEN.values()], atol=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", CONVERTED)
def test_the_files_run_in_a_new_process(name, generator, tmp_path):
    export(name, generator, str(tmp_path / name), {})


@pytest.mark.slow
def test_a_thousand_seeds_give_the_faces_of_the_generator(tmp_path):
    directory = unpack_pretrained("lfw-64", str(tmp_path / "run"))
    generator, _ = directory.averaged_generator()
    export("onnx", generator, str(tmp_path / "onnx"), {})
    run = verify_formats.onnx_runtime(str(tmp_path / "onnx" / "images_from_seeds.onnx"))
    seeds = np.arange(1000)
    faces = np.concatenate([run({"seed": part}) for part in np.split(seeds, 10)])
    expected = faces_of_seeds(generator, seeds)
    assert np.abs(faces.astype(int) - expected.astype(int)).max() <= 1


@pytest.mark.parametrize("name", [name for name in CONVERTED if "float16" in FORMATS[name].weights])
@pytest.mark.usefixtures("verified_here")
def test_float16_weights_halve_the_files(name, tmp_path):
    generator = build_generator("light", 32, latent_dim=64, width=0.5)
    sizes = []
    for weights in ("float32", "float16"):
        files = export(name, generator, str(tmp_path / weights), {}, weights)
        sizes.append(sum((tmp_path / weights / file).stat().st_size for file in files))
    assert 0.45 < sizes[1] / sizes[0] < 0.6


@pytest.mark.usefixtures("verified_here")
def test_wrong_images_are_not_published_and_the_last_export_stays(generator, tmp_path, monkeypatch):
    output = tmp_path / "onnx"
    export("onnx", generator, str(output), {"name": "good"})
    expected = graphs.expected_images(generator)
    inputs, images = expected[graphs.FROM_SEEDS]
    expected[graphs.FROM_SEEDS] = inputs, images ^ 64
    onnx_format = importlib.import_module("tfgan_faces.serving.formats.onnx_format")
    monkeypatch.setattr(onnx_format, "expected_images", lambda generator: expected)
    with pytest.raises(SystemExit, match=r"images_from_seeds\.onnx differ by 64 grey levels"):
        export("onnx", generator, str(output), {"name": "bad"})
    assert json.loads((output / CARD).read_text())["name"] == "good"
    assert sorted(os.listdir(tmp_path)) == ["onnx"]


@pytest.mark.usefixtures("verified_here")
def test_files_that_an_export_did_not_write_are_never_removed(generator, tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(UserError, match=r"--output: .* not those of an earlier .*thesis\.txt"):
        export("keras", generator, str(tmp_path), {})
    assert os.listdir(tmp_path) == ["thesis.txt"]
    output = tmp_path / "keras"
    export("keras", generator, str(output), {})
    export("keras", generator, str(output), {"name": "again"})
    (output / ".git").mkdir()
    (output / ".git" / "HEAD").write_text("precious")
    with pytest.raises(UserError, match=r"\.git/HEAD"):
        export("keras", generator, str(output), {})
    (output / ".git" / "HEAD").unlink()
    (output / "images_from_latents.keras").write_bytes(b"trained further")
    with pytest.raises(UserError, match=r"images_from_latents\.keras"):
        export("keras", generator, str(output), {})


@pytest.mark.usefixtures("verified_here")
def test_the_folder_that_the_program_runs_in_is_not_replaced(generator, tmp_path, monkeypatch):
    output = tmp_path / "parent" / "keras"
    export("keras", generator, str(output), {})
    before = sorted(os.listdir(output))
    monkeypatch.chdir(output)
    for name in (".", "..", str(output)):
        with pytest.raises(UserError, match="--output: .* the folder that this program runs in"):
            export("keras", generator, name, {})
    assert sorted(os.listdir(output)) == before


@pytest.mark.usefixtures("verified_here")
def test_a_link_to_an_export_is_kept_and_its_folder_is_replaced(generator, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for name in ("first", "second"):
        export("keras", generator, str(tmp_path / "link"), {"name": name})
        assert json.loads((tmp_path / "real" / CARD).read_text())["name"] == name
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize(
    ("name", "package"),
    [("onnx", "tf2onnx"), ("page", "onnxruntime"), ("litert", "ai_edge_litert")],
)
def test_a_missing_converter_is_one_clear_error(name, package, generator, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UserError, match=rf"--format={name} needs the extra {FORMATS[name].extra}"):
        export(name, generator, str(tmp_path / "new"), {})
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--format=onnx", "--export_precision=mixed_bfloat16"], "--export_precision must be"),
        (["--format=keras", "--export_weights=float16"], "--export_weights must be float32"),
        (["--format=onnx", "--output=gs://bucket/onnx"], "--output must be a folder in a mounted"),
        (["--format=page", "--cache_dir=gs://bucket/cache"], "--cache_dir must be a folder in a"),
    ],
)
def test_settings_that_a_format_does_not_have_are_refused(
    flags, message, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main("--mode=export", "--pretrained=lfw-64", *flags) == 1
    assert message in capsys.readouterr().err


def test_large_pixels_are_clipped():
    images = graphs.image_functions(build_generator("light", 16, latent_dim=8, width=0.125))
    found = images[graphs.FROM_LATENTS](tf.fill((1, 8), 1e9))["images"].numpy()
    assert found.dtype == np.uint8
