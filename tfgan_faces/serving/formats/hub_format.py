"""Exports a generator as a folder that is ready for a model hub, such as Hugging Face's."""

import importlib.resources
import json
import shutil
import tempfile
from pathlib import Path

from tfgan_faces.config.datasets import DATASETS
from tfgan_faces.serving.formats import keras_format
from tfgan_faces.serving.formats.folder import written_folder
from tfgan_faces.serving.model_card import as_markdown
from tfgan_faces.serving.saved_model import write_saved_model

_SOURCES = importlib.resources.files("tfgan_faces.serving") / "hub"
_COPIED = ("app.py", "requirements.txt")
_TAGS = ("unconditional-image-generation", "gan", "faces", "keras", "tensorflow", "tfgan_faces")
_USE = """## How to use it

`app.py` shows its faces on a page: `pip install -r requirements.txt && python app.py`.

```python
import tensorflow as tf

model = tf.saved_model.load("saved_model")
images = model.signatures["sample"](seed=tf.constant([3, 7], tf.int64))["images"]  # uint8
```

`images_from_latents.keras` is the Keras model, with images in -1..1. To load it, install and
import tfgan_faces."""


def export(generator, output, card, options):
    """Writes a model card, the weights as SavedModel and Keras model, and a Gradio app.

    Nothing is uploaded. See `formats.export`.
    """
    with written_folder(output, card) as folder, tempfile.TemporaryDirectory() as scratch:
        keras_folder = Path(scratch) / "keras"
        (model,) = keras_format.export(generator, str(keras_folder), card, options)
        shutil.copy(keras_folder / model, folder / model)
        write_saved_model(generator, str(folder / "saved_model"), card, mark=options.mark)
        for name in _COPIED:
            (folder / name).write_bytes((_SOURCES / name).read_bytes())
        text = "\n".join([*_front_matter(card), "", as_markdown(card), "", _USE, ""])
        (folder / "README.md").write_text(text, encoding="utf-8")
    return ["README.md", "saved_model", model, *_COPIED]


def _front_matter(card):
    """Returns the lines of the card's YAML metadata.

    Reference:
        [Hugging Face, model cards](https://huggingface.co/docs/hub/model-cards).
    """
    # Strings in JSON are strings in YAML.
    dataset, measured = card["settings"]["data"]["dataset"], card["quality"]
    is_free = DATASETS[dataset].is_drawn and card["settings"]["training"]["init_from"] is None
    lines = [
        "---",
        f"license: {'apache-2.0' if is_free else 'other'}",
        "library_name: keras",
        "pipeline_tag: unconditional-image-generation",
        "tags:",
        *(f"- {tag}" for tag in _TAGS),
    ]
    if measured:
        lines += [
            "metrics:",
            *(f"- {json.dumps(name)}" for name in sorted({entry["name"] for entry in measured})),
            "model-index:",
            f"- name: {json.dumps(card['name'])}",
            "  results:",
            "  - task:",
            "      type: unconditional-image-generation",
            "    dataset:",
            f"      name: {json.dumps(dataset)}",
            f"      type: {json.dumps(dataset)}",
            "    metrics:",
        ]
        for entry in measured:
            name = f"{entry['name']}, {entry['against'].replace('_', '-')} people"
            lines += [
                f"    - type: {json.dumps(entry['name'])}",
                f"      name: {json.dumps(name)}",
                f"      value: {json.dumps(entry['value'])}",
            ]
    return [*lines, "---"]
