import importlib.util
import io

import numpy as np
import pytest
from huggingface_hub import ModelCard
from PIL import Image

from tests.conftest import verifier_here
from tests.serving.formats.formats_test import verify_here as verify_files_here
from tests.serving.marked_png_test import description
from tfgan_faces.config import Config, DataConfig, ModelConfig, TrainingConfig
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.models import build_generator
from tfgan_faces.serving import formats, saved_model
from tfgan_faces.serving.formats import hub_format, keras_format
from tfgan_faces.serving.model_card import model_card
from tfgan_faces.visuals.synthetic_mark import SOURCE_TYPE, SyntheticMark

MEASURED = {
    "name": "Frechet distance",
    "against": "held_out",
    "value": 0.25,
    "fakes": 10000,
    "photos": 993,
    "features": "lfw-face-1",
    "resizing": "none",
}


@pytest.fixture(scope="module")
def generator():
    return build_generator("light", 16, latent_dim=8, width=0.25)


@pytest.fixture(scope="module")
def exported(generator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub") / "hub"
    config = Config(DataConfig(image_size=16), ModelConfig("light", latent_dim=8)).resolved()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saved_model, "verifier", verifier_here)
        patch.setattr(keras_format, "verify", verify_files_here)
        options = formats.Options(mark=SyntheticMark("Faces", "1.2.3"))
        card = model_card(config, 7, "1.2.3", [MEASURED])
        files = formats.export("hub", generator, str(folder), card, options)
    assert all((folder / name).exists() for name in files)
    return folder


def test_networks_that_started_from_photos_of_people_have_no_free_licence():
    training = TrainingConfig(init_from="lfw-64")
    card = model_card(Config(training=training).resolved(), 7, "1.2.3")
    assert "license: other" in hub_format._front_matter(card)


def test_the_card_is_valid_and_names_the_measurements(exported):
    card = ModelCard.load(exported / "README.md")
    assert card.data.license == "apache-2.0"  # of drawn faces
    assert card.data.library_name == "keras"
    assert "unconditional-image-generation" in card.data.tags
    (result,) = card.data.eval_results
    assert (result.metric_type, result.metric_value) == ("Frechet distance", 0.25)
    assert result.dataset_name == "drawn"
    assert "## Limits" in card.text
    assert "saved_model.load" in card.text


def test_the_app_writes_the_generators_faces_with_their_marks(exported, generator):
    spec = importlib.util.spec_from_file_location("app", exported / "app.py")
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    files = app.faces(5, 3, 1.0)
    assert [caption for _, caption in files] == ["seed 5", "seed 6", "seed 7"]
    for (path, _), expected in zip(files, faces_of_seeds(generator, [5, 6, 7])):
        with open(path, "rb") as file:
            png = file.read()
        assert SOURCE_TYPE in description(png).values()
        found = np.asarray(Image.open(io.BytesIO(png))).astype(int)
        assert np.abs(found - expected).max() <= 1
    # Faces that are asked for again take no more space on the disk.
    before = {path for path, _ in files}
    assert {path for path, _ in app.faces(5, 3, 1.0)} == before
    assert not before & {path for path, _ in app.faces(5, 3, 0.5)}


def test_requirements_name_what_the_app_imports(exported):
    names = {line.split(">")[0] for line in (exported / "requirements.txt").read_text().split()}
    assert names == {"gradio", "tensorflow"}
