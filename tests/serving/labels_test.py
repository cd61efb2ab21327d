"""A served generator with labels."""

import base64
import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.conftest import verifier_here
from tests.programs import main
from tests.serving.servers import development_server, eventually
from tfgan_faces import models
from tfgan_faces.errors import UserError
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.serving import saved_model
from tfgan_faces.serving.client import Client
from tfgan_faces.serving.signatures import SIGNATURES, example_requests
from tfgan_faces.serving.warmup import read_warmup

SHARES = {f"kind {number}": 1.0 for number in range(17)}  # more than a request has rows


def build(label=None):
    keras.utils.set_random_seed(3)
    generator = models.build_generator("exercise", 32, 8, width=0.25, labels=SHARES)
    generator.get_layer("label").label = label
    return generator


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled") / "faces"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saved_model, "verifier", verifier_here)
        return saved_model.export(build(), str(folder), {}, warmup="on")


@pytest.fixture(scope="module")
def signatures(exported):
    return tf.saved_model.load(exported).signatures


def pixels(pngs):
    return np.stack([tf.io.decode_png(png).numpy() for png in pngs])


def faces(label, seeds, truncation=1.0):
    return faces_of_seeds(build(label), seeds, truncation)


def ask(signatures, seeds, labels, truncation=1.0):
    return pixels(
        signatures["sample_label"](
            seed=tf.constant(seeds, tf.int64),
            truncation=tf.fill([len(seeds)], truncation),
            label=tf.constant(labels, tf.int64),
        )["png_bytes"]
    )


@pytest.mark.parametrize("truncation", [1.0, 0.5, 0.0])
def test_every_row_gets_the_label_it_asks_for(signatures, truncation):
    images = ask(signatures, [5, 5, 9], [0, 16, 3], truncation)
    for image, seed, label in zip(images, (5, 5, 9), (0, 16, 3)):
        expected = faces(label, [seed], truncation)[0]
        np.testing.assert_allclose(image.astype(int), expected.astype(int), atol=1)


def test_an_interpolation_keeps_its_label(signatures):
    ends = {"from_seed": 5, "to_seed": 9, "label": 4}
    inputs = {name: tf.fill([2], tf.constant(value, tf.int64)) for name, value in ends.items()}
    images = signatures["interpolate_label"](
        **inputs, fraction=tf.constant([0.0, 1.0]), truncation=tf.ones(2)
    )["png_bytes"]
    expected = faces(4, [5, 9])
    np.testing.assert_allclose(pixels(images).astype(int), expected.astype(int), atol=1)


@pytest.mark.parametrize("label", [-1, 17, 2**40])
def test_an_unknown_label_is_black_and_does_not_affect_other_rows(signatures, label):
    images = ask(signatures, [5, 5], [label, 3])
    assert images[0].max() == 0
    np.testing.assert_array_equal(images[1:], ask(signatures, [5], [3]))


def test_names_can_be_asked_for(signatures):
    names = signatures["labels"](index=tf.constant([0, 16, 17, -1], tf.int64))["names"]
    assert names.numpy().tolist() == [b"kind 0", b"kind 16", b"", b""]


def test_signatures_without_labels_stay_and_those_with_them_are_warmed_up(exported, signatures):
    assert {*SIGNATURES, "sample_label", "interpolate_label", "labels"} == {*signatures}
    assert {name for name, _ in read_warmup(exported)} == {*example_requests(build(), 1)}


def test_a_generator_of_one_label_has_no_choice():
    assert example_requests(build(3), 1).keys() == SIGNATURES.keys()
    assert saved_model._digest(build(3), "float32") != saved_model._digest(build(), "float32")


def test_a_client_chooses_labels_by_name(exported, tmp_path):
    with development_server(os.path.dirname(exported)) as address:
        client = Client(address)
        assert client.labels() == list(SHARES)
        images = client.sample([5, 9], 0.5, label="kind 16")
        np.testing.assert_allclose(images.astype(int), faces(16, [5, 9], 0.5), atol=1)
        with pytest.raises(UserError, match="The label must be kind 0 or .*Received: none"):
            client.sample([5], label="none")
        client.close()
        flags = [f"--server={address}", "--seeds=5,9", "--label=kind 16", f"--output={tmp_path}"]
        assert main("--mode=request", *flags) == 0
        written = [np.asarray(Image.open(tmp_path / f"{seed:06d}.png")) for seed in (5, 9)]
        np.testing.assert_allclose(np.int32(written), faces(16, [5, 9]), atol=1)


def texts(browser):
    return browser.execute_script(
        "return [...document.querySelectorAll('#labels button')].map((it) => it.textContent)"
    )


@pytest.mark.slow
def test_the_explorer_has_a_button_for_each_label(exported, browser):
    with development_server(os.path.dirname(exported)) as address:
        browser.get("about:blank")
        browser.get_log("browser")
        browser.get(f"{address}/#label=16")
        eventually(lambda: texts(browser) == ["All", *SHARES])
        expected = faces(16, range(32)).astype(int)

        def shown():
            sources = browser.execute_script(
                "return [...document.querySelectorAll('#wall img')].map((it) => it.src)"
            )
            found = [tf.io.decode_png(base64.b64decode(it.split(",")[1])) for it in sources if it]
            return len(found) == 32 and np.abs(np.stack(found) - expected).max() <= 1

        eventually(shown)
        browser.execute_script("document.querySelector('#labels button').click()")
        assert (
            browser.execute_script(
                "return document.querySelector('#labels [aria-pressed=true]').textContent"
            )
            == "All"
        )
        browser.execute_script("location.hash = 'label=18'")  # which it does not have
        eventually(lambda: "label" not in browser.execute_script("return location.hash"))
        assert browser.get_log("browser") == []
