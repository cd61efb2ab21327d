"""Contents of the sdist and the wheel, and the installed wheel."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tgz", ".zip")


def names_in(sdist):
    with tarfile.open(sdist) as archive:
        return archive.getnames()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Returns the paths of the sdist and of the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return sdist, wheel


def package_files():
    """Returns the paths of the package's files in the checkout."""
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tfgan_faces").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


@pytest.mark.slow
def test_the_wheel_contains_only_the_package(built):
    names = {name for name in zipfile.ZipFile(built[1]).namelist() if ".dist-info/" not in name}
    assert names == package_files()


@pytest.mark.slow
def test_the_sdist_contains_the_package_its_tests_and_the_serving_kit(built):
    names = {name.partition("/")[2] for name in names_in(built[0])}
    assert package_files() <= names
    assert {"README.md", "LICENSE", "main.py", "setup.py", "tests/packaging_test.py"} <= names
    assert "export/README.md" in names
    assert not [name for name in names if name.startswith(("runs/", "export/models/"))]


@pytest.mark.slow
def test_the_sdist_and_the_wheel_contain_no_photos(built):
    names = names_in(built[0]) + zipfile.ZipFile(built[1]).namelist()
    images = [name for name in names if name.lower().endswith(IMAGE_SUFFIXES)]
    # The released runs contain only drawn faces.
    assert [name for name in images if "/tests/released/" not in name] == []


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
    command = [sys.executable, "-c", "import tfgan_faces; print(tfgan_faces.__file__)"]
    output = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True).stdout
    assert output.startswith(str(target))
