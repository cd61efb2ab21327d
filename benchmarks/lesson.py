"""Makes every figure of docs/how-it-works.md from the LFW archive; can be stopped and resumed.

    python -m benchmarks.lesson LFW_ARCHIVE WORK_FOLDER [FIGURE ...] [--minutes=4]

Trains the runs that the figures need, at 32x32 and for the given minutes each. Writes
docs/images/lesson-*.png.
"""

import argparse
import io
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from PIL import Image

from benchmarks.bakeoff import EXERCISE_0_6
from tfgan_faces import models
from tfgan_faces.cli import parse
from tfgan_faces.commands.building import build_trainer
from tfgan_faces.commands.common import prepared
from tfgan_faces.commands.training import train
from tfgan_faces.data.batches.open_photos import open_photos
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.layers import (
    Deconvolution2D,
    FusedBatchNormalization,
    MaxPoolingWithArgmax2D,
    MaxUnpooling2D,
)
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.storage.files import write_atomic
from tfgan_faces.training.trainer import Trainer
from tfgan_faces.visuals.image_grid import image_grid

_IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
_GAN = ("--recipe=exercise-gan", "--image_size=32", *EXERCISE_0_6)
_WGAN = ("--recipe=exercise-wgan", "--image_size=32")
_FIRST_WGAN = (
    *("--architecture=exercise", "--loss=wgan", "--critic=own", "--clip=value"),
    *("--clip_value=0.03", "--critic_steps=3", "--augment=none"),
)
RUNS = {
    # Batch norm replaces dropout in the discriminator, as in the first attempt of the blog.
    "norm": (*_GAN, "--balance=none", "--augment=none", "--label_smoothing=0"),
    "margin": _GAN,
    "l2": (*_GAN, "--balance=l2"),
    # Adam with its default beta_1, and a learning rate that is thirty times too high.
    "collapse": (
        *(*_GAN, "--balance=none", "--augment=none", "--optimizer=adam", "--beta_1=0.9"),
        "--generator_learning_rate=1e-2",
    ),
    "clipping": (*_WGAN, "--evaluate_every=200"),
    # The discriminator of the GAN with its biases and dropout, but clipped.
    "starved": _FIRST_WGAN,
    "penalty": (
        *("--loss=wgan-gp", "--critic_steps=3", "--augment=none", "--batch_size=32"),
        *("--generator_learning_rate=2e-4", "--discriminator_learning_rate=2e-4"),
    ),
}
_PANELS = {
    "norm": "A: batch norm in D, no rule",
    "margin": "B: the margin rule",
    "l2": "C: the L2 rule",
}
_CURVES = {"real_success": "D on photos", "fake_success": "D on fakes", "fooling_success": "G"}


def main():
    """Draws the figures and trains the runs that they need, unless they exist."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", help="the LFW archive (lfw-deepfunneled.tgz)")
    parser.add_argument("work", help="folder for the runs")
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(FIGURES))
    parser.add_argument("--minutes", type=float, default=4.0, help="training time of each run")
    arguments = parser.parse_args()
    runs = _Runs(arguments.archive, arguments.work, arguments.minutes)
    for name in arguments.figures or FIGURES:
        _write(name, FIGURES[name](runs))


class _Runs:
    """The runs by name. A run is trained on first access."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __getitem__(self, name):
        return _trained(name, RUNS[name], *self.arguments)


def _trained(name, flags, archive, work, minutes):
    run = str(Path(work) / name)
    common = [
        *("--dataset=lfw", f"--data_dir={archive}", f"--cache_dir={Path(work) / 'cache'}"),
        *(f"--run_dir={run}", f"--minutes={minutes}", "--noexport"),
        *("--log_every=5", "--sample_every=100", "--checkpoint_every=100"),
    ]
    _, config = parse(["lesson", *flags, *common])
    train(config, build=_build_normalized if name == "norm" else build_trainer)
    return RunDirectory(run)


def _build_normalized(config, strategy):
    """Returns a trainer whose discriminator has batch norm instead of dropout."""
    trainer = build_trainer(config, strategy)
    plain = models.build_discriminator("exercise", 32, precision=config.training.precision)
    x = images = keras.Input(plain.input_shape[1:])
    for layer in plain.layers[1:]:
        is_dropout = isinstance(layer, keras.layers.Dropout)
        x = (FusedBatchNormalization(momentum=0.9) if is_dropout else layer)(x)
    normalized = Trainer(trainer.generator, keras.Model(images, x), config.training)
    for objective in normalized.objectives:
        objective.separate_passes = False  # photos and fakes in one batch, as in the blog
    return normalized


def _faces(directory, count):
    generator, _ = directory.averaged_generator()
    return faces_of_seeds(generator, range(count))


def _draw_layers(runs):
    """Draws the effect of pooling, unpooling and full deconvolution on a generated face."""
    face = _faces(runs["margin"], 1)[0]
    image = tf.constant(face[None], tf.float32) / 255.0
    pooled, switches = MaxPoolingWithArgmax2D(2)(image)
    blur = np.zeros((5, 5, 3, 3), np.float32)
    blur[:, :, range(3), range(3)] = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1])[..., None] / 256
    deconvolution = Deconvolution2D(3, 5, use_bias=False)
    deconvolution.build((None, 32, 32, 3))
    deconvolution.set_weights([blur])
    corner = MaxUnpooling2D(2)(pooled)
    pictures = {
        "a face, 32x32": image,
        "max-pooled, 16x16": pooled,
        "unpooled with the\nswitches, 32x32": MaxUnpooling2D(2)([pooled, switches]),
        "unpooled to the\ncorners, 32x32": corner,
        'after a "full" 5x5\ndeconvolution, 36x36': 4 * deconvolution(corner),
    }
    figure = Figure(figsize=(12, 3), layout="constrained")
    for axes, (title, picture) in zip(figure.subplots(1, len(pictures)), pictures.items()):
        axes.imshow(np.clip(picture[0], 0, 1))
        axes.set_title(title, fontsize=10)
        axes.axis("off")
    return figure


def _draw_balance(runs):
    return _draw_runs({title: runs[name] for name, title in _PANELS.items()})


def _draw_collapse(runs):
    return _draw_runs({"provoked": runs["collapse"], "cured": runs["margin"]}, mark_alike=True)


def _draw_runs(runs, mark_alike=False):
    """Draws a column for each run, with curves of success above samples."""
    figure = Figure(figsize=(4.5 * len(runs), 8), layout="constrained")
    for (title, run), (above, below) in zip(runs.items(), figure.subplots(2, len(runs)).T):
        rows = run.metrics().rows
        for name, label in _CURVES.items():
            above.plot(*_smoothed(rows, name), label=label)
        alike = [row["seconds"] / 60 for row in rows if "samples_alike" in row["warning"]]
        if mark_alike and alike:
            above.axvspan(
                min(alike), max(alike), color="tab:red", alpha=0.15, label="samples alike"
            )
        above.set(title=title, xlabel="minutes", ylabel="success (%)", ylim=(-2, 102))
        above.legend(fontsize=8)
        below.imshow(image_grid(_faces(run, 25)))
        below.axis("off")
    return figure


def _smoothed(rows, name, width=10):
    """Returns the minutes and the running means in percent."""
    kernel = np.ones(min(width, len(rows))) / min(width, len(rows))
    minutes = np.convolve([row["seconds"] / 60 for row in rows], kernel, "valid")
    return minutes, 100 * np.convolve([row[name] for row in rows], kernel, "valid")


def _draw_wgan(runs):
    """Draws samples of the GAN, the WGAN and the WGAN whose critic is starved of signal.

    All have the same training time.
    """
    figure = Figure(figsize=(13, 4.7), layout="constrained")
    titles = {
        "margin": "GAN",
        "clipping": "WGAN",
        "starved": "WGAN, with the GAN's discriminator as its critic",
    }
    for axes, (name, title) in zip(figure.subplots(1, 3), titles.items()):
        axes.imshow(image_grid(_faces(runs[name], 25)))
        axes.set_title(title)
        axes.axis("off")
    return figure


def _draw_starved(runs):
    """Draws how much of the differences between photos reaches each layer of a critic."""
    figure = Figure(figsize=(11, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    for name, title in (
        ("starved", "the GAN's discriminator, clipped"),
        ("clipping", "the critic"),
    ):
        stages, directions, shares = _signals(runs[name])
        left.plot(stages, directions, marker="o", label=title)
        right.plot(stages, [100 * share for share in shares], marker="o", label=title)
    left.set(yscale="log", title="directions in which photos differ")
    right.set(ylim=(0, 100), title="share of the differences that is brightness (%)")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend()
    return figure


def _signals(run):
    """Returns how much of the differences between photos each stage of a critic keeps.

    Returns:
        Three lists with one item per stage: its name, the number of directions, and the share
        of the variance that the mean pixel explains. The number of directions is the
        participation ratio of the eigenvalues of the covariance, (sum)^2 / sum of squares.
    """
    config = run.config()
    trainer = build_trainer(config)
    run.restore(trainer.state())
    critic = trainer.discriminator
    relus = [layer for layer in critic.layers if layer.name.endswith("_relu")]
    stages = keras.Model(critic.input, [*(layer.output for layer in relus), critic.output])
    photos = open_photos(prepared(config), config.data.cache, config.data.held_out)[0][:256]
    images = tf.cast(photos, tf.float32) / 127.5 - 1.0
    values = [images, *stages(images, training=True)]
    names = ["image", *(layer.name.removesuffix("_relu") for layer in relus), "score"]
    brightness = images.numpy().mean((1, 2, 3))
    brightness = (brightness - brightness.mean()) / np.linalg.norm(brightness - brightness.mean())
    directions, shares = [], []
    for value in values:
        rows = np.reshape(tf.cast(value, tf.float64), (len(photos), -1))
        rows = rows - rows.mean(0)
        eigenvalues = np.linalg.eigvalsh(rows @ rows.T)
        directions.append(eigenvalues.sum() ** 2 / np.sum(eigenvalues**2))
        shares.append(np.sum((brightness @ rows) ** 2) / np.sum(rows**2))
    return names, directions, shares


def _draw_tracking(runs):
    """Draws whether the critic's estimate falls with the Frechet distance of the faces."""
    run = runs["clipping"]
    evaluated = run.distances().rows
    logged = run.metrics().rows
    estimates = [
        # The mean of the last 100 steps before the evaluation.
        np.mean(
            [
                row["normalized_distance"]
                for row in logged
                if 0 <= evaluation["step"] - row["step"] < 100
            ]
        )
        for evaluation in evaluated
    ]
    distances = [row["frechet_distance"] for row in evaluated]
    figure = Figure(figsize=(11, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([row["step"] for row in logged], [row["normalized_distance"] for row in logged])
    left.set(xlabel="step", title="the critic's estimate, in units of the box")
    right.plot([row["step"] for row in evaluated], distances, marker="o")
    correlation = rank_correlation(estimates, distances)
    right.set(
        xlabel="step",
        title=f"Frechet distance of the faces (rank correlation {correlation:.2f})",
    )
    for axes in (left, right):
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    return figure


def rank_correlation(one, other):
    """Returns Spearman's rank correlation of two sequences without equal values."""
    ranks = [np.argsort(np.argsort(values)) for values in (one, other)]
    return float(np.corrcoef(*ranks)[0, 1])


def _draw_critics(runs):
    """Draws histograms of the critics' weights. Clipping drives them to its bounds."""
    figure = Figure(figsize=(10, 3.5), layout="constrained")
    for axes, name, title in zip(
        figure.subplots(1, 2), ("clipping", "penalty"), ("weight clipping", "gradient penalty")
    ):
        trainer = build_trainer(runs[name].config())
        runs[name].restore(trainer.state())
        weights = [np.ravel(v.numpy()) for v in trainer.discriminator.trainable_variables]
        axes.hist(np.concatenate(weights), 101, log=True)
        axes.set(title=title, xlabel="weight of the critic", ylabel="count")
        axes.locator_params(axis="x", nbins=5)
    return figure


FIGURES = {
    "layers": _draw_layers,
    "balance": _draw_balance,
    "collapse": _draw_collapse,
    "wgan": _draw_wgan,
    "starved": _draw_starved,
    "critics": _draw_critics,
    "tracking": _draw_tracking,
}


def _write(name, figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=80)
    # A palette suffices for curves and small faces and takes a third of the size.
    picture = Image.open(buffer).convert("RGB").quantize(256)
    small = io.BytesIO()
    picture.save(small, "PNG", optimize=True)
    write_atomic(str(_IMAGES / f"lesson-{name}.png"), small.getvalue())


if __name__ == "__main__":
    main()
