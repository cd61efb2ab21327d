"""The settings: their declarations, default values and checks."""

from tfgan_faces.config.config import Config
from tfgan_faces.config.sections import (
    CommandConfig,
    DataConfig,
    ModelConfig,
    RunConfig,
    TrainingConfig,
)

__all__ = [
    "CommandConfig",
    "Config",
    "DataConfig",
    "ModelConfig",
    "RunConfig",
    "TrainingConfig",
]
