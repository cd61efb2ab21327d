"""Fixtures for tests of serving: small exported generators."""

import shutil

import keras
import pytest
from selenium import webdriver

from tests.conftest import verifier_here
from tfgan_faces import models
from tfgan_faces.serving import saved_model


def build(seed):
    keras.utils.set_random_seed(seed)
    return models.build_generator("exercise", 32, 8, width=0.25)


@pytest.fixture(scope="session")
def generator():
    return build(1234)


@pytest.fixture(scope="session")
def exported(generator, tmp_path_factory):
    """The folder of version 1, with warm-up requests."""
    folder = tmp_path_factory.mktemp("models") / "faces"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saved_model, "verifier", verifier_here)
        return saved_model.export(generator, str(folder), {"step": 1}, warmup="on")


@pytest.fixture(scope="session")
def other_exported(tmp_path_factory):
    """The folder of a version with another generator."""
    folder = tmp_path_factory.mktemp("others") / "faces"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saved_model, "verifier", verifier_here)
        return saved_model.export(build(4321), str(folder), {}, warmup="off")


@pytest.fixture
def base_path(exported, tmp_path):
    """A folder of versions that holds version 1."""
    shutil.copytree(exported, tmp_path / "faces" / "1")
    return tmp_path / "faces"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A real Chromium; .ci/run installs it where it is missing."""
    binary = shutil.which("chromium") or shutil.which("google-chrome")
    if binary is None:
        pytest.skip("there is no Chromium here (Debian: apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path_factory.mktemp('browser')}",
        "--window-size=1100,1000",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = shutil.which("chromedriver")
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield browser
    browser.quit()
