"""Trains GANs and WGANs on a folder of face photos to generate new faces.

Importing this package is fast: TensorFlow is imported when a name that needs it is first used.
"""

import importlib

from tfgan_faces.config import Config, DataConfig, ModelConfig, RunConfig, TrainingConfig
from tfgan_faces.errors import NonFiniteError, UserError
from tfgan_faces.machine import keras_settings as _keras_settings
from tfgan_faces.machine import onednn as _onednn
from tfgan_faces.version import VERSION

_onednn.enable()

__version__ = VERSION

_LAZY = {
    "Client": "tfgan_faces.serving.client",
    "BatchStatistics": "tfgan_faces.models.batch_statistics",
    "RunDirectory": "tfgan_faces.runs.run_directory",
    "Trainer": "tfgan_faces.training.trainer",
    "build_discriminator": "tfgan_faces.models",
    "build_generator": "tfgan_faces.models",
    "export": "tfgan_faces.serving.saved_model",
    "Evaluation": "tfgan_faces.evaluation.evaluation",
    "Features": "tfgan_faces.evaluation.features",
    "faces_of_seeds": "tfgan_faces.generation.sampling",
    "FrozenGenerator": "tfgan_faces.models.frozen",
    "project": "tfgan_faces.generation.projection",
    "prepare": "tfgan_faces.data.records.preparation",
    "read_photos": "tfgan_faces.data.batches.open_photos",
    "batches": "tfgan_faces.data.batches.pipeline",
    "unpack_pretrained": "tfgan_faces.runs.pretrained",
    "starting_from": "tfgan_faces.runs.run_settings",
    "train": "tfgan_faces.commands.training",
    "sample": "tfgan_faces.generation.sampling",
    "walk": "tfgan_faces.generation.sampling",
}
_SUBPACKAGES = (
    "data",
    "evaluation",
    "latents",
    "layers",
    "models",
    "objectives",
    "serving",
    "training",
)

__all__ = [
    "Config",
    "DataConfig",
    "ModelConfig",
    "NonFiniteError",
    "RunConfig",
    "TrainingConfig",
    "UserError",
    "__version__",
    *_LAZY,
    *_SUBPACKAGES,
]


def __getattr__(name):
    if name in __all__:
        _keras_settings.check_backend()
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    if name in _SUBPACKAGES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
