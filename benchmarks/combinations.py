"""Trains every combination of settings for 300 steps, in float32 and bfloat16.

python -m benchmarks.combinations
"""

import itertools
import sys

import keras
import numpy as np
import tensorflow as tf

from tfgan_faces import models
from tfgan_faces.commands.building import build_trainer
from tfgan_faces.config import Config, DataConfig, ModelConfig, TrainingConfig
from tfgan_faces.data.batches import pipeline
from tfgan_faces.data.records.face_attributes import draw_attributes
from tfgan_faces.data.records.face_drawing import draw_faces
from tfgan_faces.errors import NonFiniteError, UserError
from tfgan_faces.objectives.losses import LOSSES

_STEPS, _SIZE, _BATCH, _PHOTOS = 300, 32, 8, 512
_MODELS = tuple({"architecture": name} for name in models.ARCHITECTURES)
_EXTRAS = (
    ({}, {}),
    ({}, {"r1": 1.0, "r2": 1.0, "penalty_every": 4}),
    ({"spectral_normalization": True, "minibatch_std": True}, {}),
    ({"minibatch_std": True}, {"clip": "value"}),
    ({}, {"clip": "fan_in"}),
)
_PRECISIONS = ("float32", "mixed_bfloat16")


def main():
    """Prints a line for each combination: trained, refused (with the reason) or not finite."""
    failed = 0
    drawn = [draw_attributes(np.random.default_rng(index)) for index in range(_PHOTOS)]
    photos = draw_faces(drawn, _SIZE)
    for model, loss, extra, precision in itertools.product(_MODELS, LOSSES, _EXTRAS, _PRECISIONS):
        settings = {**model, **extra[0]}, {"loss": loss, "precision": precision, **extra[1]}
        outcome = _outcome(*settings, photos)
        print(outcome, *settings, flush=True)
        failed += outcome.startswith("NOT FINITE")
    if failed:
        sys.exit(f"{failed} combinations did not train")


def _outcome(model, training, photos):
    keras.backend.clear_session()
    config = Config(
        DataConfig(image_size=_SIZE),
        ModelConfig(width=0.25, **model),
        TrainingConfig(batch_size=_BATCH, critic_steps=2, **training),
    )
    try:
        config = config.resolved()
    except UserError as error:
        return f"refused ({error})"
    trainer = build_trainer(config)
    try:
        trainer.fit(pipeline.batches(photos, _BATCH, 0), _STEPS)
    except NonFiniteError as error:
        return f"NOT FINITE ({error})"
    skipped = sum(int(updates.guard.total) for updates in trainer.updates.values())
    return f"NOT FINITE ({skipped} updates)" if skipped else "trained"


if __name__ == "__main__":
    tf.config.threading.set_inter_op_parallelism_threads(1)
    main()
