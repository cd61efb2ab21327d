import base64
import io
import json
import re
import types

import numpy as np
from PIL import Image

from tfgan_faces.evaluation.evaluation import Measurement
from tfgan_faces.evaluation.memorisation import Nearest
from tfgan_faces.evaluation.report import write_report
from tfgan_faces.visuals.synthetic_mark import COMPOSITE, PNG_KEYWORD, SOURCE_TYPE, SyntheticMark


def stub(rng):
    images = {
        name: rng.integers(0, 256, (20, 16, 16, 3), np.uint8) for name in ("fakes", "training")
    }
    nearest = Nearest(np.arange(20), rng.random(20), 0.05, 0.02, 0.9, 0.92)
    row = Measurement("a < b", "held_out", 1.25, None, "lower", 1000, 77, "net", "none")
    return types.SimpleNamespace(
        images=images, measurements=[row], nearest={"features": nearest, "pixels": nearest}
    )


def test_json_has_every_number_and_the_page_has_every_picture(tmp_path, rng):
    history = [{"step": 10, "frechet_distance": 3.0, "fakes": 200.0}]
    attributes = {
        "accuracy": {"glasses": 0.9},
        "held_out_faces": 30,
        "training": {"glasses": {"no": 0.75, "yes": 0.25}},
        "held_out": {"glasses": {"no": 0.7, "yes": 0.3}},
        "fakes": {"glasses": {"no": 0.5, "yes": 0.5}},
    }
    write_report(str(tmp_path), {"run": "<mine>", "step": 7}, stub(rng), attributes, history)
    content = json.loads((tmp_path / "evaluation.json").read_text())
    assert content["step"] == 7
    assert content["measurements"][0]["value"] == 1.25
    assert content["attributes"]["fakes"]["glasses"]["yes"] == 0.5
    assert content["history"] == history
    page = (tmp_path / "evaluation.html").read_text()
    assert page.count("data:image/png;base64,") == 4  # samples, nearest photos twice, curve
    assert "&lt;mine&gt;" in page
    assert "a &lt; b" in page
    assert "1,000 fakes, 77 photos" in page
    assert "More than 2.0% can mean copies" in page
    assert "held-out people" in page


def test_generated_faces_are_marked_alone_and_beside_photos(tmp_path, rng):
    write_report(str(tmp_path), {}, stub(rng), mark=SyntheticMark("mine", "1.2"))
    page = (tmp_path / "evaluation.html").read_text()
    marks = [
        Image.open(io.BytesIO(base64.b64decode(png))).text[PNG_KEYWORD]
        for png in re.findall(r"base64,([^\"]+)", page)
    ]
    assert [SOURCE_TYPE in mark for mark in marks] == [True, False, False]
    assert [COMPOSITE in mark for mark in marks] == [False, True, True]
