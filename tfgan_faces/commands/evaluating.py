"""The mode `evaluate`, and the quick evaluation during training."""

import dataclasses
import logging
import os

import numpy as np

from tfgan_faces.commands.common import mark_of, prepared, writing
from tfgan_faces.config.datasets import DATASETS, NO_LABELS
from tfgan_faces.data.batches import examples
from tfgan_faces.data.batches.labels import read_labels
from tfgan_faces.data.batches.open_photos import open_photos
from tfgan_faces.data.batches.people import SIDES
from tfgan_faces.errors import UserError
from tfgan_faces.evaluation.detection import build_detector
from tfgan_faces.evaluation.distances import frechet_distance, moments
from tfgan_faces.evaluation.evaluation import Evaluation
from tfgan_faces.evaluation.features import Features
from tfgan_faces.evaluation.memorisation import share_of_near_copies
from tfgan_faces.evaluation.report import write_report
from tfgan_faces.generation.sampling import faces_of_seeds, latents_of
from tfgan_faces.layers.label_from_noise import label_layer
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.storage.paths import absolute
from tfgan_faces.version import VERSION

_logger = logging.getLogger(__name__)

_COUNT = 10_000
_QUICK_PHOTOS = 4000
_MAX_PHOTOS = 20_000  # from each side: more would take too much memory
_MIN_COUNT = 20  # with fewer, covariances and neighbours are meaningless
_MIN_HELD_OUT = 10  # with fewer, nothing can be said about copies either


def evaluate_mode(command, config):
    """Evaluates the averaged generator of a run; writes evaluation.json and evaluation.html."""
    directory = RunDirectory(config.run.run_dir)
    generator, step = directory.averaged_generator(checkpoint=command.checkpoint)
    run_config = _with_current_folders(directory.config(), config)
    features = Features(command.features, command.inception_weights)
    # Built first, because it may not be installed.
    detector = build_detector() if command.detector else None
    builder = prepared(run_config)
    share = run_config.data.held_out
    photos = open_photos(builder, run_config.data.cache, share)
    if directory.photos() != photos[0].digest():
        raise UserError(
            f"--data_dir: these are not the photos of the run in {directory.path}; evaluate it "
            "with the photos that it was trained on."
        )
    indices = [_sample_indices(len(side), _MAX_PHOTOS) for side in photos]
    training, held_out = (side[chosen] for side, chosen in zip(photos, indices))
    first, count = config.training.seed, command.count or _COUNT
    _check_counts(count, len(held_out), share)
    fakes = faces_of_seeds(generator, range(first, first + count), command.truncation)
    _logger.info("Generated %d faces. Comparing them with %d photos", len(fakes), len(training))
    evaluation = Evaluation(fakes, training, held_out, features)
    if detector:
        evaluation.measure_detection(detector)
    if run_config.data.labels != NO_LABELS:
        latents = latents_of(generator, range(first, first + count))
        asked = np.argmax(label_layer(generator).labels(latents), 1)
        labels = read_labels(builder, run_config.data.labels, share)
        sides = (getattr(labels, side)[chosen] for side, chosen in zip(SIDES, indices))
        evaluation.measure_labels(asked, *sides)
    drawn = DATASETS[run_config.data.dataset].is_drawn
    attributes = _attributes(evaluation, builder, share, indices) if drawn else None
    about = {
        **_description(directory, step, run_config.data),
        "seeds": f"{first} to {first + count - 1}",
        "truncation": command.truncation,
    }
    output, mark = command.output or directory.path, mark_of(directory.config(), config.run)
    with writing("--output", output):
        write_report(output, about, evaluation, attributes, directory.distances().rows, mark)
    _log(evaluation.measurements[:2])
    _logger.info("Wrote evaluation.json and evaluation.html to %s", output)


def _description(directory, step, data):
    return {
        "tfgan_faces": VERSION,
        "run": os.path.basename(absolute(directory.path)),
        "step": step,
        "dataset": data.dataset,
        "image_size": data.image_size,
        "crop": data.crop,
    }


def _attributes(evaluation, builder, share, indices):
    """Measures the attributes of drawn faces; `indices` are those of the photos of each side."""
    drawn = examples.attributes(builder, share)
    return evaluation.measure_attributes(
        {
            side: {name: column[chosen] for name, column in drawn[side].items()}
            for side, chosen in zip(SIDES, indices)
        }
    )


def _log(measurements):
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


def _with_current_folders(run_config, config):
    """Returns the config of a run with the folders of this call, as photos may have been moved."""
    moved = {} if config.data.data_dir is None else {"data_dir": config.data.data_dir}
    return dataclasses.replace(run_config.replaced(data=moved), run=config.run)


def _check_counts(fakes, held_out, share):
    if fakes < _MIN_COUNT:
        raise UserError(
            f"--count must be at least {_MIN_COUNT} with --mode=evaluate. Received: {fakes}"
        )
    if held_out < _MIN_HELD_OUT:
        raise UserError(
            f"--mode=evaluate needs at least {_MIN_HELD_OUT} photos that were held out; train a "
            f"new run with more photos, or with a larger --held_out (this run's is {share:g}). "
            f"Received: {held_out}"
        )


def quick_distance(photos):
    """Returns a function of uint8 faces that returns their Frechet distance to photos.

    The features are those of `lfw-face-1`.

    Args:
        photos: uint8 [count, size, size, 3], photos of training people, because held-out people
            must not influence the choice of the checkpoint. If there are many, a random sample
            is used.
    """
    features = Features()
    of_photos = moments(features(photos[_sample_indices(len(photos), _QUICK_PHOTOS)]))
    return lambda faces: frechet_distance(*moments(features(faces)), *of_photos)


def near_copies(photos, held_out):
    """Returns a function of uint8 faces that returns their share of near copies of photos.

    The features are those of `lfw-face-1`.

    Args:
        photos, held_out: uint8 [count, size, size, 3], see `share_of_near_copies`.
    """
    features = Features()
    training, others = features(photos[:]), features(held_out[:])
    return lambda faces: share_of_near_copies(features(faces), training, others)


def _sample_indices(count, maximum):
    """Returns the sorted indices of at most `maximum` random photos."""
    return np.sort(np.random.default_rng(0).permutation(count)[:maximum])
