"""Exports a generator as one HTML file: the explorer page, which then needs no server."""

import base64
import gzip
import hashlib
import importlib.resources
import json
import re
import tempfile
from pathlib import Path

from tfgan_faces.layers.label_from_noise import label_layer
from tfgan_faces.serving.formats import onnx_format
from tfgan_faces.serving.formats.folder import written_folder
from tfgan_faces.serving.formats.graphs import FROM_LATENTS
from tfgan_faces.serving.formats.onnxruntime_web import onnxruntime_web

PAGE = "index.html"
_SOURCES = importlib.resources.files("tfgan_faces.serving")
_MODULES = ("page/philox.js", "page/marked_png.js", "page/local.js", "explorer/explorer.js")


def export(generator, output, card, options):
    """Writes `index.html`, see `formats.export`.

    The file holds the generator with float16 weights, ONNX Runtime, and the page, and asks no host
    for anything: it works on any static host, and from a disk.
    """
    script, runtime = onnxruntime_web(options.cache_dir)
    with tempfile.TemporaryDirectory() as scratch:
        model = Path(scratch) / "onnx"
        onnx_format.export(generator, str(model), card, options)
        packed = {"runtime": runtime, "model": (model / f"{FROM_LATENTS}.onnx").read_bytes()}
    settings = {
        "latentDim": generator.input_shape[-1],
        "mark": _mark(options.mark),
        "labels": _labels(generator),
    }
    with written_folder(output, card) as folder:
        page = _page(_inlined(script), settings, packed)
        (folder / PAGE).write_text(page, encoding="utf-8")
    return [PAGE]


def _labels(generator):
    """Returns the names of the labels, and what the last number of a latent is for each."""
    layer = label_layer(generator)
    if layer is None or layer.label is not None:
        return None
    return {"names": layer.names, "middles": layer.middles}


def _mark(mark):
    """Returns the contents of the pictures' text chunks, in which SEED stands for a seed."""
    if mark is None:
        return None
    return {
        "plain": mark.png_chunk_data().decode(),
        "ofSeed": mark.png_chunk_data("SEED").decode(),
    }


def _inlined(onnxruntime):
    """Returns all modules as one, because a page on a disk cannot import files."""
    code, exports = re.fullmatch(r"(.*)export\s*\{([^}]*)\};.*", onnxruntime, re.DOTALL).groups()
    names = ", ".join(
        re.sub(r"(\S+) as (\S+)", r"\2: \1", name.strip()) for name in exports.split(",")
    )
    modules = [f"const ort = (() => {{\n{code}\nreturn {{ {names} }};\n}})();"]
    for name in _MODULES:
        text = (_SOURCES / name).read_text(encoding="utf-8")
        modules.append(re.sub(r"^(import .*\n|export (?=async|function))", "", text, flags=re.M))
    return "\n".join(modules)


def _page(script, settings, packed):
    explorer = _SOURCES / "explorer"
    style = (explorer / "explorer.css").read_text(encoding="utf-8")
    icon = base64.b64encode((explorer / "icon.svg").read_bytes()).decode()
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}' 'wasm-unsafe-eval'; "
        f"style-src '{_hash(style)}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    blocks = [_block("settings", json.dumps(settings).replace("<", "\\u003c"))]
    for name, content in packed.items():
        blocks.append(_block(name, base64.b64encode(gzip.compress(content, mtime=0)).decode()))
    page = (explorer / "index.html").read_text(encoding="utf-8")
    for old, new in {
        '<meta charset="utf-8">': '<meta charset="utf-8">\n  '
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<link rel="stylesheet" href="explorer.css">': f"<style>{style}</style>",
        'href="icon.svg"': f'href="data:image/svg+xml;base64,{icon}"',
        '  <script src="explorer.js" type="module"></script>\n': "",
        "</body>": "\n".join([*blocks, f'<script type="module">{script}</script>', "</body>"]),
    }.items():
        if page.count(old) != 1:
            raise ValueError(f"index.html must contain {old!r} once.")
        page = page.replace(old, new)
    return page


def _block(name, content):
    return f'<script type="application/octet-stream" id="{name}">{content}</script>'


def _hash(text):
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
