"""The architecture: each module imports only from modules on lower levels."""

import ast
import subprocess
import sys
from pathlib import Path

import tfgan_faces

PACKAGE = Path(tfgan_faces.__file__).parent
LEVELS = {
    "errors": 0,
    "arguments": 0,
    "latents": 0,
    "layers": 0,
    "objectives": 0,
    "version": 0,
    "faces": 1,
    "machine": 1,
    "storage": 1,
    "config": 2,
    "visuals": 2,
    "data": 3,
    "models": 3,
    "runs": 4,
    "evaluation": 5,
    "generation": 5,
    "planning": 5,
    "serving": 5,
    "training": 5,
    "commands": 6,
    "cli": 7,
}
# The levels of the subpackages of `data`.
DATA_LEVELS = {"sources": 0, "records": 1, "batches": 2}


def imports(path):
    """Yields the names that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def wrong_imports(folder, package, levels):
    """Yields imports of a package's modules that are not on a lower level than the importer."""
    depth = len(package.split("."))
    for path in folder.rglob("*.py"):
        importer = path.relative_to(folder).parts[0].removesuffix(".py")
        for name in imports(path):
            imported = name.split(".")[depth] if name.startswith(f"{package}.") else importer
            internal = "__init__" in (importer, imported) or imported == importer
            if not internal and levels[imported] >= levels[importer]:
                yield f"{path} imports {name}"


def test_every_module_imports_only_from_lower_levels():
    assert not list(wrong_imports(PACKAGE, "tfgan_faces", LEVELS))
    assert not list(wrong_imports(PACKAGE / "data", "tfgan_faces.data", DATA_LEVELS))


def test_only_the_command_line_imports_absl():
    for path in PACKAGE.rglob("*.py"):
        imports_absl = any(name.startswith("absl") for name in imports(path))
        assert imports_absl == (path.name == "cli.py"), path


def test_importing_the_package_does_not_import_tensorflow():
    code = (
        "import sys, tfgan_faces; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_public_name_exists():
    for name in tfgan_faces.__all__:
        assert getattr(tfgan_faces, name) is not None


def test_every_layer_file_has_a_test_file():
    helpers = {"__init__", "arguments", "image_tensors"}
    layers = {path.stem for path in (PACKAGE / "layers").glob("*.py")} - helpers
    tests = {path.stem for path in (Path(__file__).parent / "layers").glob("*_test.py")}
    assert {f"{layer}_test" for layer in layers} == tests
