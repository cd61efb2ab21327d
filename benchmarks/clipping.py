"""Compares settings of a clipped critic on LFW at 32x32; can be stopped and resumed.

    python -m benchmarks.clipping LFW_ARCHIVE WORK_FOLDER [--minutes=3] [NAME ...]

Trains all entries, or the named ones, and prints a row for each: the Frechet distance of 2,000
faces to the training people, and early indicators of a run that will fail.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from benchmarks.measuring import describe_machine
from tfgan_faces.cli import parse
from tfgan_faces.commands.building import build_trainer
from tfgan_faces.commands.common import prepared
from tfgan_faces.commands.training import train
from tfgan_faces.data.batches.open_photos import open_photos
from tfgan_faces.layers import ByteDropout
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.training.trainer import Trainer

_ROOT = Path(__file__).resolve().parents[1]
_COMMON = ("--architecture=exercise", "--image_size=32", "--dataset=lfw")
_WGAN = ("--loss=wgan", "--clip_value=0.03", "--augment=none")
_FAN_IN = (*_WGAN, "--clip=fan_in", "--clip_value=0.5")
_PENALTY = ("--loss=wgan-gp",)


def _rates(rate):
    return f"--generator_learning_rate={rate}", f"--discriminator_learning_rate={rate}"


ENTRIES = {
    "gan": (),
    "before": (*_WGAN, "--clip=kernels", "--critic=own", "--critic_steps=3"),
    "batch-norm": _WGAN,
    "batch-norm-0.01": (*_WGAN, "--clip_value=0.01"),
    "batch-norm-0.1": (*_WGAN, "--clip_value=0.1"),
    "batch-norm-2-turns": (*_WGAN, "--critic_steps=2"),
    "batch-norm-5-turns": (*_WGAN, "--critic_steps=5"),
    "batch-norm-bursts": (*_WGAN, "--critic_bursts"),
    "batch-norm-1e-4": (*_WGAN, *_rates("1e-4")),
    "batch-norm-5e-4": (*_WGAN, *_rates("5e-4")),
    "batch-norm-adam": (*_WGAN, "--optimizer=adam"),
    "batch-norm-translation": (*_WGAN, "--augment=translation"),
    "batch-norm-hinge": (
        *("--loss=hinge", "--clip=value", "--clip_value=0.03", "--balance=none"),
        *("--augment=none", *_rates("2e-4")),
    ),
    "layer-norm": (*_WGAN, "--critic=layer_norm"),
    "no-norm": (*_WGAN, "--critic=no_norm"),
    "fan-in": _FAN_IN,
    "fan-in-2-turns": (*_FAN_IN, "--critic_steps=2"),
    "fan-in-0.25": (*_FAN_IN, "--clip_value=0.25"),
    "fan-in-1": (*_FAN_IN, "--clip_value=1"),
    "gradient-penalty": _PENALTY,
    "gradient-penalty-2-turns": (*_PENALTY, "--critic_steps=2"),
    "gradient-penalty-layer-norm": (*_PENALTY, "--critic=layer_norm"),
    "gradient-penalty-4e-4": (*_PENALTY, *_rates("4e-4")),
    "gradient-penalty-before": (
        *(*_PENALTY, "--critic=own", "--critic_steps=5", "--batch_size=64", *_rates("1e-4")),
    ),
    "spectral-norm": (*_WGAN, "--clip=none", "--critic=no_norm", "--spectral_normalization"),
}
_WITH_DROPOUT = "batch-norm-dropout"
ENTRIES[_WITH_DROPOUT] = _WGAN
_LAST_STEPS, _PHOTO_COUNT = 200, 256


def main():
    """Trains the entries without a finished run and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", help="the LFW archive (lfw-deepfunneled.tgz)")
    parser.add_argument("work", help="folder for the runs")
    parser.add_argument("names", nargs="*", metavar="NAME", help="names of entries (default: all)")
    parser.add_argument("--minutes", type=float, default=3.0, help="training time of each entry")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_intermixed_args()  # names may follow options
    print(", ".join(f"{key}: {value}" for key, value in describe_machine().items()))
    print(
        "| run | seed | minutes | steps | Frechet distance | photos correct | fakes correct | "
        "units that change sign | correlation of score and brightness | "
        "weights at the clipping bound |\n" + "|---" * 10 + "|"
    )
    for name in options.names or ENTRIES:
        print(_row(name, _trained(name, options), options), flush=True)


def _trained(name, options):
    run = Path(options.work) / f"{name}-{options.minutes:g}-{options.seed}"
    flags = [
        *_COMMON,
        *(f"--data_dir={options.archive}", f"--cache_dir={Path(options.work) / 'cache'}"),
        *(f"--run_dir={run}", f"--minutes={options.minutes:g}", f"--seed={options.seed}"),
        *("--noexport", "--evaluate_every=1000000", "--sample_every=500"),
        *("--checkpoint_every=500", *ENTRIES[name]),
    ]
    if name == _WITH_DROPOUT:
        train(parse(["clipping", *flags])[1], build=_build_with_dropout)
        return RunDirectory(str(run))
    with open(f"{run}.log", "ab") as log:
        subprocess.run(
            [sys.executable, str(_ROOT / "main.py"), *flags], check=True, stdout=log, stderr=log
        )
    return RunDirectory(str(run))


def _build_with_dropout(config, strategy=None):
    """Returns a trainer whose critic has dropout of 0.1 after each block's leaky ReLU."""
    trainer = build_trainer(config, strategy)
    critic = trainer.discriminator
    x = critic.input
    for layer in critic.layers[1:]:
        x = layer(x)
        if layer.name.startswith("block") and isinstance(layer, keras.layers.LeakyReLU):
            x = ByteDropout(0.1)(x)
    return Trainer(trainer.generator, keras.Model(critic.input, x), config.training)


def _row(name, directory, options):
    config, rows = directory.config(), directory.metrics().rows
    last = [row for row in rows if row["step"] > rows[-1]["step"] - _LAST_STEPS]
    success = [np.mean([row[key] for row in last]) for key in ("real_success", "fake_success")]
    build = _build_with_dropout if name == _WITH_DROPOUT else build_trainer
    trainer = build(config)
    directory.restore(trainer.state())
    photos, _ = open_photos(prepared(config), config.data.cache, config.data.held_out)
    photos = photos[:_PHOTO_COUNT]
    images = tf.cast(photos, tf.float32) / 127.5 - 1.0
    scores = trainer.discriminator(images, training=True)[:, 0]
    brightness = np.corrcoef(scores, images.numpy().mean((1, 2, 3)))[0, 1]
    at_bound = trainer.clipping.share_at_walls() if trainer.clipping.boxes else 0.0
    cells = [
        name,
        str(options.seed),
        f"{options.minutes:g}",
        f"{rows[-1]['step']:,}",
        f"{directory.distances().rows[-1]['frechet_distance']:.3f}",
        *(f"{value:.2f}" for value in success),
        f"{_share_of_changing_units(trainer.discriminator, images):.2f}",
        f"{brightness:.2f}",
        f"{at_bound:.2f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _share_of_changing_units(critic, images):
    """Returns the share of ReLU inputs whose sign is not the same for all images."""
    relus = (keras.layers.ReLU, keras.layers.LeakyReLU)
    inputs = [layer.input for layer in critic.layers if isinstance(layer, relus)]
    outputs = keras.Model(critic.input, inputs)(images, training=True)
    signs = [tf.reshape(values > 0, (len(images), -1)).numpy() for values in outputs]
    return np.concatenate([sign.any(0) & ~sign.all(0) for sign in signs]).mean()


if __name__ == "__main__":
    main()
