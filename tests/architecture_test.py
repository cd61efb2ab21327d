"""The house's one rule: a module imports only from lower floors."""

import ast
import subprocess
import sys
from pathlib import Path

import tfgan_faces

PACKAGE = Path(tfgan_faces.__file__).parent
LEVELS = {
    "errors": 0,
    "defaults": 1,
    "files": 2,
    "interruption": 1,
    "keras_settings": 1,
    "lease": 1,
    "locking": 2,
    "machine_memory": 1,
    "processor": 0,
    "nameless_users": 0,
    "onednn": 1,
    "paths": 1,
    "philox": 1,
    "progress": 1,
    "settings": 1,
    "unused_gpu": 1,
    "combinations": 2,
    "idle_flags": 2,
    "image_arrays": 0,
    "devices": 2,
    "latents": 2,
    "layers": 2,
    "objectives": 2,
    "visuals": 3,
    "metrics_csv": 3,
    "precision": 2,
    "config": 3,
    "data": 3,
    "models": 3,
    "checkpoints": 3,
    "run_settings": 4,
    "run_directory": 5,
    "sampling": 6,
    "projection": 6,
    "evaluation": 6,
    "serving": 6,
    "training": 6,
    "commands": 7,
    "cli": 8,
}


def part_of(module):
    """`tfgan_faces.layers.windows` -> `layers`"""
    names = module.split(".")
    return names[1] if len(names) > 1 else None


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_imports_from_lower_floors_only():
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        here = part_of(".".join(("tfgan_faces", *path.relative_to(PACKAGE).with_suffix("").parts)))
        if here == "__init__":
            continue
        for name in filter(lambda name: name.startswith("tfgan_faces."), imports(path)):
            there = part_of(name)
            if there != here and LEVELS[there] >= LEVELS[here]:
                wrong.append(f"{path.relative_to(PACKAGE)} imports {name}")
    assert not wrong


def test_only_the_command_line_knows_flags():
    for path in PACKAGE.rglob("*.py"):
        knows = any(name.startswith("absl") for name in imports(path))
        assert knows == (path.name == "cli.py"), path


def test_importing_the_package_is_cheap():
    code = (
        "import sys, tfgan_faces; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_public_name_exists():
    for name in tfgan_faces.__all__:
        assert getattr(tfgan_faces, name) is not None


def test_every_layer_file_is_tested():
    helpers = {"__init__", "arguments", "image_tensors"}
    layers = {path.stem for path in (PACKAGE / "layers").glob("*.py")} - helpers
    tests = {path.stem for path in (Path(__file__).parent / "layers").glob("*_test.py")}
    assert {f"{layer}_test" for layer in layers} == tests
