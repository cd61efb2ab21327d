"""The sdist and the wheel: they hold what they should and no photo, and work where installed."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tgz", ".zip")


def names_in(sdist):
    with tarfile.open(sdist) as archive:
        return archive.getnames()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The paths of the sdist, and of the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("built")
    line = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(line, check=True, capture_output=True)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return sdist, wheel


def in_package():
    """What the package consists of in the checkout."""
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tfgan_faces").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_else(built):
    names = {name for name in zipfile.ZipFile(built[1]).namelist() if ".dist-info/" not in name}
    assert names == in_package()


@pytest.mark.slow
def test_the_sdist_holds_the_package_its_tests_and_the_serving_kit(built):
    names = {name.partition("/")[2] for name in names_in(built[0])}
    assert in_package() <= names
    assert {"README.md", "LICENSE", "main.py", "setup.py", "tests/packaging_test.py"} <= names
    assert "export/README.md" in names
    assert not [name for name in names if name.startswith(("runs/", "export/models/"))]


@pytest.mark.slow
def test_neither_holds_a_photo(built):
    names = names_in(built[0]) + zipfile.ZipFile(built[1]).namelist()
    pictures = [name for name in names if name.lower().endswith(PICTURES)]
    assert [name for name in pictures if "/tests/released/" not in name] == []  # drawn faces


@pytest.mark.long
def test_the_installed_wheel_works_outside_the_checkout(built, tmp_path):
    target = tmp_path / "installed"
    install = ["pip", "install", "--quiet", "--no-deps", "--target", str(target), str(built[1])]
    subprocess.run([sys.executable, "-m", *install], check=True)
    env = {**os.environ, "PYTHONPATH": str(target)}
    done = subprocess.run(
        [target / "bin" / "tfgan-faces", "--mode=plan", "--recipe=light", "--width=0.25"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "weights of the generator" in done.stdout
    where = [sys.executable, "-c", "import tfgan_faces; print(tfgan_faces.__file__)"]
    told = subprocess.run(where, cwd=tmp_path, env=env, capture_output=True, text=True).stdout
    assert told.startswith(str(target))
