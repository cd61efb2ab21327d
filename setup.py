"""Package metadata; every lower bound is one that the test suite was run with."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = re.search(r'VERSION = "(.+)"', (ROOT / "tfgan_faces" / "config.py").read_text())[1]

setup(
    name="tfgan_faces",
    version=VERSION,
    description="GANs and WGANs on a folder of face photos: TensorFlow, Keras 3, TF Serving",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    author="The tfgan_faces authors",
    python_requires=">=3.10",
    package_data={
        "tfgan_faces": ["recipes/*.flags"],
        "tfgan_faces.data": ["checksums.tsv"],
        "tfgan_faces.evaluation": ["*.npz"],
        "tfgan_faces.serving": ["explorer/*"],
    },
    packages=find_packages(include=["tfgan_faces", "tfgan_faces.*"]),
    install_requires=[
        "absl-py>=2.5",
        "flask>=3.1",  # the development server, and waitress under it
        "importlib_resources>=7.1",  # tensorflow-datasets imports it without declaring it
        "matplotlib>=3.10",
        "numpy>=2.2",
        "pillow>=12.3",  # decodes every format a photo folder holds, and writes GIFs
        "requests>=2.34",  # the client of a server
        "tensorboard>=2.21",  # tf.summary writes scalars and images through it
        "tensorflow>=2.21",
        "tensorflow-datasets>=4.9.10",
        "tqdm>=4.70",  # the progress bar
        "waitress>=3.0",
    ],
    extras_require={
        # The records of warm-up, and gRPC.
        "serving": ["tensorflow-serving-api>=2.21"],
        "test": [
            "hypothesis>=6.155",
            "psutil>=7.2",  # the memory of a server
            "pytest>=9.2",
            "ruff>=0.17,<0.18",
            "pyyaml>=6.0",
            "schemathesis>=4.32",  # asks a server what its description allows, and what not
            "selenium>=4.51",  # the explorer page in a real Chromium
            "tensorflow-serving-api>=2.21",
        ],
        # The peers that benchmarks/ compares with; onnx writes the model that onnxruntime reads.
        "benchmarks": ["torch==2.13.0", "onnxruntime>=1.32", "onnx>=1.23"],
    },
    entry_points={"console_scripts": ["tfgan-faces=tfgan_faces.cli:run"]},
    classifiers=[
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Image Processing",
    ],
)
