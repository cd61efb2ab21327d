"""Writes an evaluation as `evaluation.json` and as a page with pictures, `evaluation.html`."""

import base64
import dataclasses
import html
import io
import json
import os

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from tfgan_faces.storage.files import write_atomic
from tfgan_faces.visuals.image_grid import enlarged, image_grid
from tfgan_faces.visuals.synthetic_mark import COMPOSITE

_SHOWN = 12  # samples with their nearest photos
_STYLE = """
body { font-family: sans-serif; max-width: 62em; margin: 2em auto; color: #222 }
table { border-collapse: collapse } td, th { padding: .2em .7em; text-align: left }
tr:nth-child(even) { background: #f3f3f3 } td.number { text-align: right }
img { image-rendering: pixelated; max-width: 100% } .small { color: #666; font-size: .85em }
"""


def write_report(folder, about, evaluation, attributes=None, history=(), mark=None):
    """Writes both files, each of them atomically.

    Args:
        folder: str, where to write them.
        about: dict of str to str or number: the run, its step, the truncation.
        evaluation: `Evaluation`.
        attributes: for drawn faces, see `Evaluation.measure_attributes`.
        history: list of dicts with `step`, `frechet_distance` and `fakes`, of the evaluations
            during training.
        mark: `SyntheticMark` of the generated faces, or None.
    """
    rows = [dataclasses.asdict(measurement) for measurement in evaluation.measurements]
    content = {**about, "measurements": rows, "history": list(history)}
    if attributes:
        content["attributes"] = attributes
    write_atomic(
        os.path.join(folder, "evaluation.json"),
        (json.dumps(content, indent=2, allow_nan=False) + "\n").encode(),
    )
    parts = [
        _heading(about),
        _table(evaluation.measurements),
        _samples(evaluation, mark),
        *(_nearest(evaluation, kind, mark) for kind in ("features", "pixels")),
        _attributes(attributes) if attributes else "",
        _history(history) if history else "",
    ]
    page = f"<!doctype html><meta charset=utf-8><title>Evaluation</title><style>{_STYLE}</style>"
    write_atomic(os.path.join(folder, "evaluation.html"), (page + "\n".join(parts)).encode())


def _heading(about):
    listed = ", ".join(f"{name} {value}" for name, value in about.items())
    return f"<h1>Evaluation</h1><p>{html.escape(listed)}</p>"


def _table(measurements):
    rows = "".join(_row(measurement) for measurement in measurements)
    return (
        "<h2>Measurements</h2><p>The column <i>real photos</i> has the same number for real "
        "photos, of held-out people against training people or vice versa. A perfect generator "
        "would get about this number. Numbers with different feature networks, resizings or counts "
        "cannot be compared.</p><table><tr><th>measurement<th>against<th>generated<th>real photos"
        f"<th>better<th>images<th>features, resizing</tr>{rows}</table>"
    )


def _row(m):
    real = "" if m.real is None else f"{m.real:.3g}"
    cells = [
        html.escape(m.name),
        f"{m.against.replace('_', '-')} people",
        f"<b>{m.value:.3g}</b>",
        real,
        m.better,
        f"{m.fakes:,} fakes, {m.photos:,} photos",
        html.escape(f"{m.features}; {m.resizing}"),
    ]
    kinds = ["", "", " class=number", " class=number", "", " class=small", " class=small"]
    return "<tr>" + "".join(f"<td{k}>{cell}" for k, cell in zip(kinds, cells)) + "</tr>"


def _samples(evaluation, mark):
    grid = enlarged(image_grid(evaluation.images["fakes"][:64]))
    return f"<h2>Samples</h2><p>The first 64, not selected.</p>{_picture(grid, mark)}"


def _nearest(evaluation, kind, mark):
    """Returns the samples that are closest to a training photo, with that photo below each."""
    found = evaluation.nearest[kind]
    chosen = np.argsort(found.distances)[:_SHOWN]
    samples = evaluation.images["fakes"][chosen]
    photos = evaluation.images["training"][found.indices[chosen]]
    grid = enlarged(image_grid(np.concatenate([samples, photos]), _SHOWN), 800)
    mark = mark and dataclasses.replace(mark, source=COMPOSITE)
    return (
        f"<h2>Nearest training photos, by {kind}</h2><p>The upper row shows the {_SHOWN} samples "
        f"of {len(found.distances):,} that are closest to a training photo, the lower row shows "
        f"that photo. These are the worst cases. {found.share_closer:.1%} of the samples are "
        "closer to a training photo than 99 % of held-out people's photos are. More than "
        f"{found.expected_closer:.1%} can mean copies, but blurred or uniform samples are closer "
        "to all photos, too. For "
        f"{found.share_training:.1%} of the samples the nearest photo is a training photo; "
        f"{found.expected_training:.1%} are expected without copies.</p>"
        f"{_picture(grid, mark)}"
    )


def _attributes(attributes):
    rows = []
    for name, values in attributes["training"].items():
        accuracy = attributes["accuracy"][name]
        for value, share in values.items():
            held_out, generated = (attributes[kind][name][value] for kind in ("held_out", "fakes"))
            rows.append(
                f"<tr><td>{name.replace('_', ' ')}<td>{value}<td class=number>{share:.1%}"
                f"<td class=number>{held_out:.1%}<td class=number><b>{generated:.1%}</b>"
                f"<td class=number>{accuracy:.1%}</tr>"
            )
    return (
        "<h2>Attributes</h2><p>The share of each value among the drawn faces of training, and "
        "among held-out drawn faces and generated faces as classified by a network trained on the "
        "labels. The last column is the classifier's accuracy on "
        f"{attributes['held_out_faces']:,} held-out drawn faces.</p><table><tr>"
        "<th>attribute<th>value<th>drawn<th>held-out, classified<th>generated"
        "<th>classifier accuracy</tr>"
        f"{''.join(rows)}</table>"
    )


def _history(history):
    figure = Figure(figsize=(8, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(
        [row["step"] for row in history], [row["frechet_distance"] for row in history], marker="."
    )
    axes.set(xlabel="step", ylabel="Frechet distance", yscale="log")
    axes.grid(alpha=0.3)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=90)
    return (
        "<h2>During training</h2><p>Quick evaluations during training, against training "
        f"people, {history[0]['fakes']:,.0f} fakes.</p>{_inline(buffer.getvalue())}"
    )


def _picture(image, mark):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", optimize=True, pnginfo=mark and mark.png_info())
    return _inline(buffer.getvalue())


def _inline(png):
    return f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}">'
