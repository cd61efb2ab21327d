"""The page without a server, opened from a disk by a real Chromium."""

import base64
import importlib.resources
import io
import re
import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.latents.golden import GOLDEN, LATENT_DIM, PLACES
from tests.serving.marked_png_test import SEED, description
from tests.serving.servers import eventually
from tfgan_faces.errors import UserError
from tfgan_faces.generation.sampling import faces_of_seeds, generate, walk
from tfgan_faces.latents import latents_from_seeds
from tfgan_faces.models import build_generator
from tfgan_faces.serving import formats
from tfgan_faces.serving.formats import onnxruntime_web
from tfgan_faces.visuals.synthetic_mark import SOURCE_TYPE, SyntheticMark

pytestmark = pytest.mark.slow

SIZE = 32


@pytest.fixture(scope="module")
def generator():
    tf.random.set_seed(0)
    labels = {"serious": 0.5, "smiling": 0.5}
    return build_generator("light", SIZE, latent_dim=16, width=0.5, labels=labels)


@pytest.fixture(scope="module")
def exported(generator, tmp_path_factory):
    if shutil.which("npm") is None:
        pytest.skip("there is no npm here (Debian: apt-get install npm)")
    folder = tmp_path_factory.mktemp("page")
    options = formats.Options(
        mark=SyntheticMark("Faces", "1.2.3"), cache_dir=str(tmp_path_factory.mktemp("cache"))
    )
    try:
        files = formats.export("page", generator, str(folder / "page"), {}, options)
    except UserError as error:
        if "npm pack" not in str(error):
            raise
        pytest.skip(f"npm cannot reach its registry: {error}")
    assert files == ["index.html"]
    return folder / "page" / "index.html"


@pytest.fixture(scope="module")
def page(browser, exported):
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get(f"{exported.as_uri()}#kept=3,8&truncation=1")
    eventually(lambda: loaded(browser, "#wall img") and loaded(browser, "#walker"))
    return browser


def loaded(browser, place):
    widths = browser.execute_script(
        f"return [...document.querySelectorAll('{place}')].map((it) => it.naturalWidth)"
    )
    return widths and set(widths) == {SIZE}


def pngs(browser, place):
    urls = browser.execute_script(
        f"return [...document.querySelectorAll('{place}')].map((it) => it.src)"
    )
    return [base64.b64decode(url.removeprefix("data:image/png;base64,")) for url in urls]


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_the_wall_shows_the_faces_of_the_generator(page, generator):
    expected = faces_of_seeds(generator, range(32))
    found = np.stack([pixels(png) for png in pngs(page, "#wall img")])
    assert np.abs(found - expected).max() <= 1


def test_a_walk_goes_through_the_same_faces_as_the_librarys(page, generator):
    page.execute_script(
        "const slider = document.getElementById('fraction'); slider.value = 8;"
        "slider.dispatchEvent(new Event('input'))"
    )
    expected = walk(generator, [3, 8], 4)[1]  # a quarter of the way

    def shown():
        (png,) = pngs(page, "#walker")
        return np.abs(pixels(png) - expected).max() <= 1

    eventually(shown)


def test_every_picture_says_that_it_is_generated(page):
    for seed, png in zip((3, 8), pngs(page, "#kept img")):
        facts = description(png)
        assert facts[SEED] == f"{seed:020d}"
        assert SOURCE_TYPE in facts.values()
    assert SEED not in description(pngs(page, "#walker")[0])


def test_a_button_for_each_label_shows_faces_with_it(page, generator):
    layer = generator.get_layer("label")
    latents = latents_from_seeds(tf.range(32, dtype=tf.int64), 16)
    for label, name in enumerate(("serious", "smiling")):
        buttons = page.find_elements("css selector", "#labels button")
        assert [button.text for button in buttons] == ["All", "serious", "smiling"]
        assert buttons[1 + label].text == name
        buttons[1 + label].click()
        expected = generate(generator, layer.chosen(latents, [label] * 32))

        def shown(expected=expected):
            found = np.stack([pixels(png) for png in pngs(page, "#wall img")])
            return np.abs(found - expected).max() <= 1

        eventually(shown)
        assert f"label={label}" in page.current_url
    page.find_elements("css selector", "#labels button")[0].click()


def test_nothing_is_requested_and_nothing_is_refused(page):
    assert page.get_log("browser") == []
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    policy = page.execute_script("return document.querySelector('meta[http-equiv]').content")
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy


def noise_in(browser, seeds):
    text = (importlib.resources.files("tfgan_faces.serving") / "page" / "philox.js").read_text()
    numbers = browser.execute_script(
        re.sub(r"^export ", "", text, flags=re.M)
        + "return arguments[0].map((seed) => [...standardNormals(seed, arguments[1])])",
        [str(seed) for seed in seeds],
        LATENT_DIM,
    )
    return np.float32(numbers)


def test_a_seed_gives_the_noise_of_every_runtime(browser):
    found = noise_in(browser, GOLDEN)[:, PLACES]
    np.testing.assert_allclose(found, [*GOLDEN.values()], atol=2e-6)


def test_ten_thousand_seeds_give_the_noise_of_the_library(browser):
    """The last bit may differ, as logarithm, sine and cosine do."""
    seeds = np.arange(10_000)
    found = noise_in(browser, seeds)
    expected = latents_from_seeds(tf.constant(seeds), LATENT_DIM).numpy()
    np.testing.assert_allclose(found, expected, rtol=3e-7, atol=1e-12)
    assert np.mean(found == expected) > 0.999


def test_a_package_that_is_not_npms_is_refused(tmp_path):
    (tmp_path / f"onnxruntime-web-{onnxruntime_web.VERSION}.tgz").write_bytes(b"other")
    with pytest.raises(UserError, match=r"onnxruntime-web.*tgz is not the file of npm"):
        onnxruntime_web.onnxruntime_web(str(tmp_path))


def test_a_cache_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: name)
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="--cache_dir: .*file/cache"):
        onnxruntime_web.onnxruntime_web(str(tmp_path / "file" / "cache"))


def test_missing_npm_is_one_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(UserError, match="--format=page needs npm"):
        onnxruntime_web.onnxruntime_web(str(tmp_path))
