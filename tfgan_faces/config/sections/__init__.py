"""Declarations of all settings, from which the flags and `config.json` are generated.

`Config.resolved` replaces the default None of a field of type `X | None` by a value that
depends on other settings. For example, the learning rates depend on the loss, and the crop
on the data set.
"""

from tfgan_faces.config.sections.command import CommandConfig
from tfgan_faces.config.sections.data import DataConfig
from tfgan_faces.config.sections.model import ModelConfig
from tfgan_faces.config.sections.run import RunConfig
from tfgan_faces.config.sections.training import TrainingConfig

__all__ = ["CommandConfig", "DataConfig", "ModelConfig", "RunConfig", "TrainingConfig"]
