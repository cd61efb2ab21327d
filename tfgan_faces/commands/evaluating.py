"""The mode `evaluate`, and the quick evaluation while training."""

import dataclasses
import logging
import os

import numpy as np

from tfgan_faces.commands.common import prepared, writing
from tfgan_faces.config.datasets import DATASETS
from tfgan_faces.data.batches import examples
from tfgan_faces.data.batches.open_photos import open_photos
from tfgan_faces.data.batches.people import SIDES
from tfgan_faces.errors import UserError
from tfgan_faces.evaluation.distances import frechet_distance, moments
from tfgan_faces.evaluation.evaluation import Evaluation
from tfgan_faces.evaluation.features import Features
from tfgan_faces.evaluation.report import write_report
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.storage.paths import absolute
from tfgan_faces.version import VERSION

_logger = logging.getLogger(__name__)

_COUNT = 10_000
_QUICK_PHOTOS = 4000
_MAX_STREAMED = 20_000  # with --cache=none, of either side
_MIN_COUNT = 20  # below, spreads and neighbours mean nothing


def evaluate_mode(command, config):
    """Measures a run's averaged generator, and writes evaluation.json and evaluation.html."""
    directory = RunDirectory(config.run.run_dir)
    generator, step = directory.averaged_generator(checkpoint=command.checkpoint)
    of_run = _with_places(directory.config(), config)
    features = Features(command.features, command.inception_weights)
    builder = prepared(of_run)
    photos = open_photos(builder, of_run.data.cache)
    directory.check_photos(photos[0].digest())
    # Photos that are streamed need not fit into memory: some of them must do.
    indices = [_some(len(side), None if side.fits_in_memory else _MAX_STREAMED) for side in photos]
    training, held_out = (side[chosen] for side, chosen in zip(photos, indices))
    first, count = config.training.seed, command.count or _COUNT
    _check_counts(count, len(held_out))
    fakes = faces_of_seeds(generator, range(first, first + count), command.truncation)
    _logger.info("Made %d faces; comparing them with %d photos", len(fakes), len(training))
    evaluation = Evaluation(fakes, training, held_out, features)
    drawn = DATASETS[of_run.data.dataset].is_drawn
    attributes = _attributes(evaluation, builder, indices) if drawn else None
    about = {
        "tfgan_faces": VERSION,
        "run": os.path.basename(absolute(directory.path)),
        "step": step,
        "dataset": of_run.data.dataset,
        "image_size": of_run.data.image_size,
        "crop": of_run.data.crop,
        "seeds": f"{first} to {first + count - 1}",
        "truncation": command.truncation,
    }
    output = command.output or directory.path
    with writing("--output", output):
        write_report(output, about, evaluation, attributes, directory.distances().rows)
    _tell(evaluation.measurements[:2])
    _logger.info("Wrote evaluation.json and evaluation.html to %s", output)


def _attributes(evaluation, builder, indices):
    """Measures what drawn faces were drawn with; `indices` are those of each side's photos."""
    drawn = examples.attributes(builder)
    return evaluation.measure_attributes(
        {
            side: {name: column[chosen] for name, column in drawn[side].items()}
            for side, chosen in zip(SIDES, indices)
        }
    )


def _tell(measurements):
    for measurement in measurements:
        _logger.info(
            "%s to %s people: %.3f (real photos: %.3f), %d fakes, %d photos, %s",
            measurement.name,
            measurement.against.replace("_", "-"),
            measurement.value,
            measurement.real,
            measurement.fakes,
            measurement.photos,
            measurement.features,
        )


def _with_places(of_run, config):
    """Returns a run's config with the folders of this call: photos may have been moved."""
    data = of_run.data
    if config.data.data_dir is not None:
        data = dataclasses.replace(data, data_dir=config.data.data_dir)
    return dataclasses.replace(of_run, data=data, run=config.run)


def _check_counts(fakes, held_out):
    if fakes < _MIN_COUNT:
        raise UserError(f"--count must be at least {_MIN_COUNT} to be evaluated. Received: {fakes}")
    if held_out < _MIN_COUNT:
        raise UserError(
            f"--mode=evaluate needs at least {_MIN_COUNT} photos of held-out people, a tenth of "
            f"all. This data set has {held_out}."
        )


def quick_distance(photos):
    """Returns a function from uint8 faces to their Frechet distance (`lfw-face-1`) to photos.

    Args:
        photos: uint8 [count, size, size, 3]; some are taken when there are many. They are
            those of training people: held-out ones must not choose the checkpoint.
    """
    features = Features()
    of_photos = moments(features(photos[_some(len(photos), _QUICK_PHOTOS)]))
    return lambda faces: frechet_distance(*moments(features(faces)), *of_photos)


def _some(count, maximum):
    """Returns the indices of all photos, or of at most `maximum`, drawn at random."""
    return np.sort(np.random.default_rng(0).permutation(count)[:maximum])
